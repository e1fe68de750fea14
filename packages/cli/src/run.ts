/** Finds the command, parses its arguments, runs it and turns what goes wrong into a message and an exit code. */
import { type Command, type CommandContext, CommandError, UsageError } from './command.ts'
import { COMMANDS } from './commands.ts'
import { renderHelp, renderOverview } from './help.ts'
import { closest, parseArguments } from './parse-arguments.ts'
import { readVersion } from './version.ts'

/** Errors of the packages whose message is written for the user; anything else is a bug. */
const EXPECTED = new Set([
  'TableError',
  'EngineError',
  'CheckpointError',
  'TrainingError',
  'EvaluationError',
  'ConfigError',
  'StartError',
  'AppError',
  'PriorError',
  'ProjectError',
  'RecipeError',
])

/**
 * Run one command line.
 *
 * @param args everything after `posterior`
 * @returns exit code: 0 done, 1 failed, 2 the arguments were not understood, 130 interrupted
 */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const [verb, ...rest] = args
  if (verb === undefined || verb === '--help' || verb === '-h') {
    context.stdout.write(renderOverview(COMMANDS, readVersion()))
    return verb === undefined ? 2 : 0
  }
  if (verb === 'help') return run(rest[0] ? [rest[0], '--help'] : ['--help'], context)
  if (verb === '--version' || verb === '-v') {
    context.stdout.write(`${readVersion()}\n`)
    return 0
  }
  const command = COMMANDS.find(({ name }) => name === verb)
  try {
    if (!command) throw unknownCommand(verb)
    if (asksForHelp(rest)) {
      context.stdout.write(renderHelp(command))
      return 0
    }
    const { values, positionals } = parseArguments(command, rest)
    return await command.run(values, positionals, context)
  } catch (error) {
    return reportError(error, command, context)
  }
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
}

function unknownCommand(verb: string): UsageError {
  const names = COMMANDS.map(({ name }) => name)
  const near = closest(verb, names)
  return new UsageError(
    `Unknown command '${verb}'. ${near ? `Did you mean '${near}'?` : `The commands are ${names.join(', ')}.`}`,
  )
}

function reportError(
  error: unknown,
  command: Command | undefined,
  { stderr, signal }: CommandContext,
): number {
  if (signal.aborted) {
    stderr.write('posterior: interrupted\n')
    return 130
  }
  if (error instanceof UsageError) {
    stderr.write(`posterior: ${error.message}\nSee posterior ${command ? `${command.name} ` : ''}--help.\n`)
    return 2
  }
  if (error instanceof CommandError || (error instanceof Error && EXPECTED.has(error.name))) {
    stderr.write(`posterior: ${error.message}\n`)
    return 1
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  stderr.write(`posterior: this should not have happened; please report it with the lines below.\n${text}\n`)
  return 1
}
