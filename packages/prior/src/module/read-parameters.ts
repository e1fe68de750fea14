/** The parameters that a module declares, in the form of the catalogue's. */

import type { Interval, ParameterSpec, ParameterSpecs, ParameterValue } from '../catalogue/studio-prior.ts'

type Fail = (field: string, message: string) => never

const TYPES = ['int', 'float', 'interval', 'categorical', 'bool'] as const
const MOST_PARAMETERS = 64
const MOST_CHOICES = 100
/** Tasks are looked at in every corner of their ranges. */
const MOST_SIZES = 8

/**
 * @param given      by name
 * @param sizeNames  names that decide sizes of tasks
 * @param fail       throws with a field and what is wrong with it
 */
export function readParameters(given: unknown, sizeNames: ReadonlySet<string>, fail: Fail): ParameterSpecs {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    fail('parameters', 'must be an object of { type, range, default, description } by name')
  const entries = Object.entries(given)
  if (entries.length > MOST_PARAMETERS)
    fail('parameters', `can be ${MOST_PARAMETERS} at most, there are ${entries.length}`)
  const specs = Object.fromEntries(
    entries.map(([name, entry]) => {
      if (!/^[A-Za-z_]\w{0,59}$/.test(name))
        fail('parameters', `has "${name}", which is no name such as num_points`)
      return [name, readOne(entry as Record<string, unknown>, { name, isShape: sizeNames.has(name), fail })]
    }),
  )
  const shapes = Object.values(specs).filter(({ isShape }) => isShape).length
  if (shapes > MOST_SIZES)
    fail('parameters', `can decide sizes with ${MOST_SIZES} of them at most, there are ${shapes}`)
  for (const name of sizeNames) {
    if (!Object.hasOwn(specs, name))
      fail('outputs', `have "${name}" in a size, which is no parameter; declare it, or write a number`)
    const { type } = specs[name]!
    if (type !== 'int')
      fail(`parameters.${name}.type`, `must be int, because it decides the size of tasks; it is ${type}`)
  }
  return specs
}

function readOne(
  given: Record<string, unknown> | null,
  parts: { name: string; isShape: boolean; fail: Fail },
): ParameterSpec {
  const { name, isShape } = parts
  const fail: Fail = parts.fail
  const field = `parameters.${name}`
  if (typeof given !== 'object' || given === null)
    fail(field, 'must be { type, range, default, description }')
  const type = TYPES.find((each) => each === given['type'])
  if (!type) fail(`${field}.type`, `must be one of ${TYPES.join(', ')}, got ${JSON.stringify(given['type'])}`)
  const isWhole = type === 'int'
  const range = readPair(given['range'], isWhole, `${field}.range`, fail)
  const limits = readPair(given['limits'], isWhole, `${field}.limits`, fail)
  const choices = type === 'categorical' ? readChoices(given['choices'], `${field}.choices`, fail) : undefined
  if (range && (type === 'categorical' || type === 'bool'))
    fail(`${field}.range`, `cannot be given for ${type}`)
  const fallback = readDefault(given['default'], { type, range, choices, field, fail })
  const description = typeof given['description'] === 'string' ? given['description'].slice(0, 2_000) : ''
  return {
    type,
    // An interval is drawn from by the rule itself.
    ...(range && type !== 'interval' && { range }),
    ...(limits && { limits }),
    ...(choices && { choices }),
    default: fallback,
    description,
    ...((isShape || given['isShape'] === true) && { isShape: true }),
  }
}

function readDefault(
  given: unknown,
  parts: {
    type: ParameterSpec['type']
    range: Interval | undefined
    choices: readonly string[] | undefined
    field: string
    fail: Fail
  },
): ParameterValue {
  const { type, range, choices, field } = parts
  const fail: Fail = parts.fail
  const at = `${field}.default`
  const got = `got ${JSON.stringify(given)}`
  if (type === 'bool') {
    return given === undefined || typeof given === 'boolean'
      ? (given ?? false)
      : fail(at, `must be true or false, ${got}`)
  }
  if (type === 'categorical') {
    const chosen = given ?? choices![0]
    return choices!.find((choice) => choice === chosen) ?? fail(at, `must be one of the choices, ${got}`)
  }
  if (type === 'interval') {
    return readPair(given ?? range, false, at, fail) ?? fail(at, `must be a pair [least, greatest], ${got}`)
  }
  if (given == null) {
    if (!range) fail(field, 'needs a range or a default')
    const middle = (range[0] + range[1]) / 2
    return type === 'int' ? Math.floor(middle) : middle
  }
  if (!isNumber(given, type === 'int')) fail(at, `must be a ${type === 'int' ? 'whole ' : ''}number, ${got}`)
  return given
}

function readChoices(given: unknown, field: string, fail: Fail): string[] {
  const isList = Array.isArray(given) && given.length > 0 && given.length <= MOST_CHOICES
  if (!isList || !given.every((choice) => typeof choice === 'string' && choice.length <= 200))
    fail(field, `must be 1 to ${MOST_CHOICES} texts`)
  return given as string[]
}

function readPair(given: unknown, isWhole: boolean, field: string, fail: Fail): Interval | undefined {
  if (given == null) return undefined
  const [low, high, ...more] = Array.isArray(given) ? (given as unknown[]) : []
  if (!isNumber(low, isWhole) || !isNumber(high, isWhole) || more.length > 0 || low > high)
    fail(
      field,
      `must be [least, greatest] of ${isWhole ? 'whole ' : ''}numbers, got ${JSON.stringify(given)}`,
    )
  return [low, high]
}

function isNumber(value: unknown, isWhole: boolean): value is number {
  return typeof value === 'number' && (isWhole ? Number.isSafeInteger(value) : Number.isFinite(value))
}
