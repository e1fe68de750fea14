/** From declared parameters and overrides to values: checked first, then drawn where there is a range. */

import type { Random } from '@posterior/tabular'
import { PriorError } from './prior-error.ts'
import type {
  Interval,
  Overrides,
  ParameterSpec,
  ParameterSpecs,
  ParameterValue,
  ParameterValues,
  PriorDeclaration,
  TaskLayout,
} from './studio-prior.ts'

/**
 * Check overrides against the declaration.
 *
 * @throws PriorError that names the parameter, what was expected and what came
 */
export function validateOverrides(
  prior: Pick<PriorDeclaration, 'id' | 'parameters'>,
  overrides: Overrides,
): Overrides {
  for (const [name, value] of Object.entries(overrides)) {
    const spec = Object.hasOwn(prior.parameters, name) ? prior.parameters[name] : undefined
    if (!spec) {
      const known = Object.keys(prior.parameters).join(', ')
      throw new PriorError(`${prior.id} has no parameter "${name}"; it has ${known}.`, name)
    }
    if (!fits(spec, value)) {
      throw new PriorError(
        `${prior.id}: ${name} must be ${expectation(spec)}, got ${JSON.stringify(value)}.`,
        name,
      )
    }
  }
  return overrides
}

/**
 * A value for every parameter (or those that `only` keeps): the override, a draw from its range, or the default.
 * Parameters are drawn in the order of their declaration.
 *
 * @param overrides already validated
 */
export function drawParameters(
  specs: ParameterSpecs,
  overrides: Overrides,
  random: Random,
  only: (spec: ParameterSpec) => boolean = () => true,
): ParameterValues {
  const values: Record<string, ParameterValue> = {}
  for (const [name, spec] of Object.entries(specs)) {
    if (only(spec)) values[name] = drawOne(spec, overrides[name], random)
  }
  return values
}

/** Least and most of a numeric parameter or interval, given the overrides. What an oracle may know of a task. */
export function rangeOf(
  prior: Pick<PriorDeclaration, 'id' | 'parameters'>,
  overrides: Overrides,
  name: string,
): Interval {
  const spec = prior.parameters[name]
  const value = overrides[name] ?? spec?.range ?? spec?.default
  if (typeof value === 'number') return [value, value]
  if (isInterval(value)) return value
  throw new Error(`${prior.id} has no numeric parameter "${name}"`)
}

/** The layout of the tasks whose sizes are all at that end of their ranges. */
export function layoutAt(prior: PriorDeclaration, overrides: Overrides, end: 'least' | 'most'): TaskLayout {
  const shape = Object.entries(prior.parameters).filter(([, { isShape }]) => isShape)
  const valueAt = (name: string) => rangeOf(prior, overrides, name)[end === 'least' ? 0 : 1]
  return prior.layout(Object.fromEntries(shape.map(([name]) => [name, valueAt(name)])))
}

function drawOne(spec: ParameterSpec, override: ParameterValue | undefined, random: Random): ParameterValue {
  if (spec.type === 'interval') {
    const value = override ?? spec.default
    return typeof value === 'number' ? [value, value] : value
  }
  const value = override ?? spec.range ?? spec.default
  if (!isInterval(value)) return value
  const [low, high] = value
  return spec.type === 'int' ? random.int(low, high + 1) : random.uniform(low, high)
}

function fits(spec: ParameterSpec, value: unknown): boolean {
  if (spec.type === 'bool') return typeof value === 'boolean'
  if (spec.type === 'categorical') return typeof value === 'string' && spec.choices!.includes(value)
  if (isInterval(value)) return value[0] <= value[1] && value.every((end) => isNumber(spec, end))
  return isNumber(spec, value)
}

function isNumber({ type, limits }: ParameterSpec, value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false
  if (type === 'int' && !Number.isInteger(value)) return false
  return !limits || (value >= limits[0] && value <= limits[1])
}

function isInterval(value: unknown): value is Interval {
  return Array.isArray(value) && value.length === 2
}

function expectation({ type, limits, choices }: ParameterSpec): string {
  if (type === 'bool') return 'true or false'
  if (type === 'categorical') return `one of ${choices!.join(', ')}`
  const kind = type === 'int' ? 'a whole number' : 'a number'
  return `${kind}${limits ? ` from ${limits[0]} to ${limits[1]}` : ''}, or a pair [low, high] of them`
}
