/** Turns an argument list into typed option values by a command's table, or says what is wrong with it. */
import { parseArgs } from 'node:util'
import { type Command, type OptionSpec, type OptionValues, UsageError } from './command.ts'

/** What one command was called with. */
export interface ParsedArguments {
  values: OptionValues
  positionals: string[]
}

/**
 * @param args everything after the command's name
 * @throws UsageError for an unknown, repeated, missing or malformed option, or too many positionals
 */
export function parseArguments(command: Command, args: readonly string[]): ParsedArguments {
  const tokens = tokenise(command, args)
  const values: Record<string, string | number | boolean | string[]> = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const spec = command.options.find(({ name }) => name === token.name)
    if (!spec) throw unknownOption(command, token.rawName)
    if (spec.isList) {
      const before = (values[spec.name] ?? []) as string[]
      values[spec.name] = [...before, String(readValue(spec, token.value))]
      continue
    }
    if (spec.name in values) throw new UsageError(`--${spec.name} is given twice; give it once.`)
    values[spec.name] = readValue(spec, token.value)
  }
  const allowed = command.positionals?.length ?? 0
  if (positionals.length > allowed) {
    const extra = positionals[allowed]!
    throw new UsageError(
      allowed === 0
        ? `'${extra}' stands alone; posterior ${command.name} takes options only.`
        : `'${extra}' is one argument too many.`,
    )
  }
  for (const { name, required } of command.options) {
    if (required && !(name in values)) throw new UsageError(`posterior ${command.name} needs --${name}.`)
  }
  return { values, positionals }
}

function tokenise(command: Command, args: readonly string[]) {
  const options = Object.fromEntries(
    command.options.map(({ name, kind, short }) => [
      name,
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), ...(short ? { short } : {}) },
    ]),
  )
  const { tokens } = parseArgs({
    args: joinValues(command, args),
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  return tokens
}

/** `--quantiles -0.5` is meant as a value, not as an option: write it as one argument before parsing. */
function joinValues(command: Command, args: readonly string[]): string[] {
  const joined: string[] = []
  for (let i = 0; i < args.length; i++) {
    const spec = command.options.find(({ name, kind }) => kind !== 'flag' && args[i] === `--${name}`)
    const next = args[i + 1]
    if (spec && next !== undefined && /^-\d/.test(next)) {
      joined.push(`--${spec.name}=${next}`)
      i++
    } else joined.push(args[i]!)
  }
  return joined
}

function readValue(spec: OptionSpec, raw: string | undefined): string | number | boolean {
  const given = `--${spec.name}`
  if (spec.kind === 'flag') {
    if (raw !== undefined) throw new UsageError(`${given} takes no value, got '${raw}'.`)
    return true
  }
  if (raw === undefined || raw === '')
    throw new UsageError(`${given} needs a value: ${given} ${spec.value ?? 'VALUE'}.`)
  if (spec.kind === 'string') {
    if (spec.choices && !spec.choices.includes(raw)) {
      throw new UsageError(`${given} is one of ${spec.choices.join(', ')}; got '${raw}'.`)
    }
    return raw
  }
  const number = Number(raw)
  const isValid = Number.isFinite(number) && (spec.kind === 'number' || Number.isSafeInteger(number))
  if (!isValid || number < (spec.min ?? -Infinity) || number > (spec.max ?? Infinity)) {
    throw new UsageError(`${given} is ${describeNumber(spec)}; got '${raw}'.`)
  }
  return number
}

function describeNumber({ kind, min, max }: OptionSpec): string {
  const noun = kind === 'integer' ? 'a whole number' : 'a number'
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}`
  if (min !== undefined) return `${noun}, at least ${min}`
  return max === undefined ? noun : `${noun}, at most ${max}`
}

function unknownOption(command: Command, rawName: string): UsageError {
  const wanted = rawName.replace(/^-+/, '')
  const names = [...command.options.map(({ name }) => name), 'help']
  const near = closest(wanted, names)
  return new UsageError(`Unknown option ${rawName}.${near ? ` Did you mean --${near}?` : ''}`)
}

/** The name that differs from `wanted` in at most two letters, or by a shared beginning; undefined when none does. */
export function closest(wanted: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({
      name,
      distance: name.startsWith(wanted) && wanted.length > 1 ? 0 : editDistance(wanted, name),
    }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= 2 ? best.name : undefined
}

/** Levenshtein distance: letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
