/**
 * What a module finds inside the sandbox, and what carries its answers out. This file is not imported: its text, without
 * its types, runs in the sandbox's engine before the module does, so it must not import anything. Nothing of the host is in
 * reach of the engine but the functions of `GuestHost`, here and in guest-random.ts, which take and give numbers. What it needs of the language is
 * taken before the module runs, so that a module that changes `Array` or `JSON` spoils its own answers alone; what leaves
 * is checked again outside.
 */

interface GuestHost {
  log(line: string): void
}

/** See guest-random.ts. */
type GuestRandom = object

interface Definition {
  readonly [field: string]: unknown
  sample(random: GuestRandom, parameters: unknown): unknown
}

const MOST_NUMBERS = 1_000_000
const MOST_OUTPUTS = 32
const MOST_DIMENSIONS = 3
const MOST_LOG_LINES = 50
const LONGEST_TEXT = 2_000
const LONGEST_DECLARATION = 65_536

const engine = globalThis as unknown as Record<string, unknown>
const host = engine['posteriorHost'] as GuestHost
const Random = engine['posteriorRandom'] as new () => GuestRandom
delete engine['posteriorHost']
delete engine['posteriorRandom']

const { isArray } = Array
const { isView } = ArrayBuffer
const { freeze, keys } = Object
const { parse, stringify } = JSON
const Floats = Float64Array
const { apply } = Reflect
const { set: setFloats } = Floats.prototype
const { slice: sliceText } = String.prototype

/** A rule that a module broke, as opposed to an error that its own code threw. */
class ContractError extends Error {}

engine['definePrior'] = (prior: unknown) => prior

// A sample must be a function of its seed.
;(Math as unknown as Record<string, unknown>)['random'] = () => {
  throw new ContractError('the random() of Math has no seed; draw from the `random` that sample() is given')
}

let logLines = 0

function write(...values: unknown[]): void {
  if (logLines++ >= MOST_LOG_LINES) return
  host.log(shorten(values.map(textOf).join(' ')))
}

engine['console'] = freeze({ log: write, info: write, warn: write, error: write, debug: write })

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return (typeof value === 'object' ? stringify(value) : undefined) ?? String(value)
}

function shorten(text: string, length = 500): string {
  return text.length > length ? `${apply(sliceText, text, [0, length])}...` : text
}

let definition: Definition | undefined

/** Take the prior of a module. @returns its declaration as JSON */
export function adopt(namespace: Record<string, unknown>): unknown[] {
  return guarded(() => {
    const found = namespace['default'] ?? namespace['prior']
    if (typeof found !== 'object' || found === null)
      throw new ContractError(
        `the module exports no prior; end it with "export default definePrior({ name, parameters, outputs, sample })"`,
      )
    const { sample, ...rest } = found as Definition
    if (typeof sample !== 'function')
      throw new ContractError(
        'the prior has no sample function; write "sample(random, parameters) { return { X, y } }"',
      )
    definition = found as Definition
    const text = stringify(rest)
    if (text.length > LONGEST_DECLARATION)
      throw new ContractError(
        `the declaration has ${text.length} characters as JSON; at most ${LONGEST_DECLARATION} are possible`,
      )
    return ['declared', text]
  })
}

/** One sample, as names and shapes in JSON and all numbers in a row. */
export function draw(parameters: string): unknown[] {
  return guarded(() => {
    logLines = 0
    const result = (definition as Definition).sample(new Random(), freeze(parse(parameters)))
    return ['drawn', ...collect(result)]
  })
}

/** Time that is up and a broken engine are not caught here. */
function guarded(action: () => unknown[]): unknown[] {
  try {
    return action()
  } catch (error) {
    return ['failed', describeError(error)]
  }
}

function describeError(error: unknown): string {
  try {
    if (!(error instanceof Error)) {
      return stringify({ rule: false, name: '', message: `it threw ${describe(error)}`, stack: '' })
    }
    const [name, message, stack] = [error.name, error.message, error.stack]
    return stringify({
      rule: error instanceof ContractError,
      name: shorten(String(name), 100),
      message: shorten(String(message), LONGEST_TEXT),
      stack: shorten(String(stack), LONGEST_TEXT),
    })
  } catch {
    return '{"rule":false,"name":"","message":"it threw something that cannot be described","stack":""}'
  }
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'string') return `the text ${stringify(shorten(value, 60))}`
  if (typeof value === 'object') return isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : `${typeof value} ${shorten(String(value), 60)}`
}

interface Output {
  readonly name: string
  readonly shape: number[]
  readonly value: unknown
}

function collect(result: unknown): [string, ArrayBuffer] {
  if (typeof result !== 'object' || result === null || isArray(result) || isView(result))
    throw new ContractError(
      `sample() must return an object such as { X, y }, it returned ${describe(result)}`,
    )
  if (typeof (result as { then?: unknown }).then === 'function')
    throw new ContractError('sample() returned a promise; a sample is drawn at once, without async and await')
  const names = keys(result)
  if (names.length > MOST_OUTPUTS)
    throw new ContractError(`sample() returned ${names.length} outputs; at most ${MOST_OUTPUTS} are possible`)
  const outputs: Output[] = []
  let total = 0
  for (const name of names) {
    const value = (result as Record<string, unknown>)[name]
    const shape = shapeOf(value, name)
    total += shape.reduce((product, size) => product * size, 1)
    if (total > MOST_NUMBERS)
      throw new ContractError(
        `the outputs up to "${shorten(name, 60)}" have ${total} numbers; at most ${MOST_NUMBERS} are possible`,
      )
    outputs.push({ name: shorten(name, 60), shape, value })
  }
  const numbers = new Floats(total)
  let at = 0
  for (const { name, shape, value } of outputs)
    at = copyInto(numbers, at, value, { path: name, shape, depth: 0 })
  return [stringify(outputs.map(({ name, shape }) => [name, shape])), numbers.buffer as ArrayBuffer]
}

function shapeOf(value: unknown, path: string): number[] {
  const shape: number[] = []
  let inner = value
  while (isArray(inner) || isNumbers(inner)) {
    if (shape.length === MOST_DIMENSIONS)
      throw new ContractError(`${path} has more than ${MOST_DIMENSIONS} dimensions`)
    shape.push(inner.length)
    inner = isArray(inner) ? inner[0] : 0
    if (shape.at(-1) === 0) return shape
  }
  return shape
}

function isNumbers(value: unknown): value is Float64Array {
  return isView(value) && !(value instanceof DataView) && typeof (value as Float64Array)[0] !== 'bigint'
}

function copyInto(
  numbers: Float64Array,
  at: number,
  value: unknown,
  { path, shape, depth }: { path: string; shape: number[]; depth: number },
): number {
  if (depth === shape.length) {
    if (typeof value !== 'number' && typeof value !== 'boolean')
      throw new ContractError(`${path} is ${describe(value)}; a number was expected`)
    numbers[at] = Number(value)
    return at + 1
  }
  const expected = shape[depth] as number
  const isFlat = isNumbers(value)
  if (!isFlat && !isArray(value))
    throw new ContractError(`${path} is ${describe(value)}; an array of ${expected} was expected`)
  if (value.length !== expected || (isFlat && depth !== shape.length - 1))
    throw new ContractError(
      `${path} has ${value.length} values where its neighbours have ${expected}: all rows must be of one length`,
    )
  if (isFlat) {
    apply(setFloats, numbers, [value, at])
    return at + expected
  }
  let next = at
  for (let i = 0; i < expected; i++)
    next = copyInto(numbers, next, value[i], { path: `${path}[${i}]`, shape, depth: depth + 1 })
  return next
}
