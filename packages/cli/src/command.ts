/**
 * What a command is: a description that parses arguments and renders help and the reference page, and a `run` that gets
 * the parsed values. Heavy packages are imported inside `run`, so `posterior --help` starts at once.
 */

/** One `--name VALUE` or `--flag`. */
export interface OptionSpec {
  name: string
  /** Single letter for `-x`. */
  short?: string
  kind: 'string' | 'integer' | 'number' | 'flag'
  /** Placeholder in help, such as FILE; flags have none. */
  value?: string
  /** Allowed values of a string. */
  choices?: readonly string[]
  /** Smallest and largest allowed number. */
  min?: number
  max?: number
  required?: boolean
  /** May be given several times; the value is then a list. Strings alone. */
  isList?: boolean
  /** Shown as the default; the command itself applies it. */
  defaultText?: string
  summary: string
}

/** Parsed values by option name; an option that was not given is absent. */
export type OptionValues = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** Where a command reads and writes, and how it is stopped. */
export interface CommandContext {
  stdout: NodeJS.WritableStream
  stderr: NodeJS.WritableStream & { isTTY?: boolean }
  stdin: NodeJS.ReadableStream
  env: Readonly<Record<string, string | undefined>>
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal
}

/** A verb of the command line. */
export interface Command {
  name: string
  /** One line for the list of commands. */
  summary: string
  /** Paragraphs for the command's own help. */
  description: readonly string[]
  /** Names of positional arguments, all optional, such as `[MODEL]`. */
  positionals?: readonly { name: string; summary: string }[]
  options: readonly OptionSpec[]
  /** Command lines that work in a checkout of the repository. */
  examples: readonly string[]
  /** @returns exit code: 0 done, 1 failed */
  run(values: OptionValues, positionals: readonly string[], context: CommandContext): Promise<number>
}

/** The arguments cannot be understood; printed with a pointer to the help, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** The work cannot be done, for a reason that the user can act on; printed without a stack, exit code 1. */
export class CommandError extends Error {
  override name = 'CommandError'
}
