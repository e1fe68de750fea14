/** What a module says of its prior, checked: names, kind of task, parameters, outputs, sizes. Plain JSON. */

import type { OutputSpec, ParameterSpecs } from '../catalogue/studio-prior.ts'
import { ModuleError } from './module-error.ts'
import { readParameters } from './read-parameters.ts'
import { parseShape, parseSize } from './shape-expression.ts'

export const MODULE_TASKS = ['regression', 'classification', 'forecast', 'discovery'] as const
export const MODULE_INPUTS = ['rows', 'series', 'groups'] as const
const KINDS = ['tabular', 'temporal', 'scm', 'temporal_causal', 'graph', 'custom'] as const
const OUTPUT_TYPES = ['scalar', 'tensor', 'graph', 'matrix'] as const

/** A prior of a user, as far as it is known without drawing from it. Sizes are texts such as `num_points` or `3 * k`. */
export interface ModuleDeclaration {
  readonly name: string
  readonly description: string
  readonly kind: (typeof KINDS)[number]
  readonly task: (typeof MODULE_TASKS)[number]
  readonly inputs: (typeof MODULE_INPUTS)[number]
  readonly parameters: ParameterSpecs
  readonly outputs: readonly OutputSpec[]
  /** Most classes of a task. */
  readonly classes: string
  /** Most groups of a task, where the inputs are groups. */
  readonly groups: string
  /** Lagged values and rows of one season, where the inputs are a series. */
  readonly lags: string
  readonly season: string
  /** Labelled rows, where the module fixes them; the leading rows are then the labelled ones. */
  readonly n_ctx: string | null
  /** The author says that columns need not tell anything of the target. */
  readonly allowUnlearnable: boolean
}

/** What is taken where a module leaves something out. */
export interface DeclarationDefaults {
  readonly name: string
  readonly kind?: string | undefined
  readonly parameters?: unknown
  readonly outputs?: unknown
  readonly description?: string | null | undefined
}

type Fail = (field: string, message: string) => never

/**
 * Read a declaration that nobody has looked at.
 *
 * @throws ModuleError that names the field, what was expected and what came
 */
export function readDeclaration(
  json: string,
  file: string,
  defaults: DeclarationDefaults,
): ModuleDeclaration {
  const fail: Fail = (field, message) => {
    throw new ModuleError(`${field} ${message}`, { kind: 'declaration', file }, field)
  }
  const given = JSON.parse(json) as Record<string, unknown>
  const pick = (field: keyof DeclarationDefaults) => given[field] ?? defaults[field]
  const outputs = readOutputs(pick('outputs'), fail)
  const kind = oneOf(KINDS, pick('kind') ?? 'custom', 'kind', fail)
  const task =
    given['task'] == null ? taskOf(outputs, kind, fail) : oneOf(MODULE_TASKS, given['task'], 'task', fail)
  const inputs = oneOf(
    MODULE_INPUTS,
    given['inputs'] ?? (task === 'forecast' ? 'series' : 'rows'),
    'inputs',
    fail,
  )
  if ((inputs === 'series') !== (task === 'forecast'))
    fail('inputs', `must be "series" for a forecast and for nothing else, the task is ${task}`)
  if (inputs === 'groups' && task !== 'regression')
    fail('inputs', `can be "groups" for regression alone, the task is ${task}`)
  if (task === 'discovery' && given['n_ctx'] != null)
    fail('n_ctx', 'counts labelled rows, and no row of a table with a graph has a label; leave it out')
  const size = (field: string, fallback: string) => readSize(given[field] ?? fallback, field, fail)
  const declared = {
    name: text(pick('name'), 'name', fail).slice(0, 200),
    description: text(pick('description') ?? '', 'description', fail).slice(0, 10_000),
    ...{ kind, task, inputs, outputs },
    classes: size('classes', task === 'classification' ? '2' : '0'),
    groups: size('groups', '16'),
    lags: size('lags', '8'),
    season: size('season', '12'),
    n_ctx: given['n_ctx'] == null ? null : size('n_ctx', ''),
    allowUnlearnable: given['allowUnlearnable'] === true,
  }
  const parameters = readParameters(pick('parameters') ?? {}, sizeNames(declared), fail)
  return { ...declared, parameters }
}

/** Names that decide sizes: tasks of one batch share their values. */
function sizeNames(declared: Omit<ModuleDeclaration, 'parameters'>): ReadonlySet<string> {
  const { outputs, classes, groups, lags, season, n_ctx } = declared
  const sizes = [classes, groups, lags, season, ...(n_ctx === null ? [] : [n_ctx])].map(
    (each) => parseSize(each)!,
  )
  const shapes = outputs.flatMap(({ shape }) => parseShape(shape) ?? [])
  return new Set([...sizes, ...shapes].flatMap(({ names }) => names))
}

function taskOf(outputs: readonly OutputSpec[], kind: string, fail: Fail): ModuleDeclaration['task'] {
  const has = (name: string) => outputs.some((output) => output.name === name)
  if (has('labels')) return 'classification'
  if (has('y')) return kind === 'temporal' || kind === 'temporal_causal' ? 'forecast' : 'regression'
  if (has('A')) return 'discovery'
  fail(
    'outputs',
    'must declare the answers of a task: "y" (numbers), "labels" (classes) or "A" (a graph), with X and their shapes, ' +
      "such as { name: 'X', type: 'tensor', shape: '(num_points, 1)' }",
  )
}

function readOutputs(given: unknown, fail: Fail): OutputSpec[] {
  const list = Array.isArray(given) ? given : ((given as { variables?: unknown } | null)?.variables ?? [])
  if (!Array.isArray(list)) fail('outputs', 'must be a list of { name, type, shape, description }')
  if (list.length > 32) fail('outputs', `can be 32 at most, there are ${list.length}`)
  const outputs = list.map((entry: unknown, i): OutputSpec => {
    const { name, type, shape, description } = (entry ?? {}) as Record<string, unknown>
    const at = `outputs.${i}`
    if (typeof name !== 'string' || !/^[A-Za-z_]\w{0,59}$/.test(name))
      fail(`${at}.name`, `must be a name such as X, got ${JSON.stringify(name)}`)
    return {
      name,
      type: oneOf(OUTPUT_TYPES, type ?? 'tensor', `${at}.type`, fail),
      shape: Array.isArray(shape)
        ? `(${shape.join(', ')})`
        : text(shape ?? '', `${at}.shape`, fail).slice(0, 500),
      description: text(description ?? '', `${at}.description`, fail).slice(0, 2_000),
    }
  })
  const names = outputs.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) fail('outputs', `declare "${twice}" twice`)
  return outputs
}

function readSize(given: unknown, field: string, fail: Fail): string {
  const written = typeof given === 'number' ? String(given) : given
  if (typeof written === 'string' && written.length <= 200 && parseSize(written)) return written
  fail(field, `must be a whole number or a parameter's name, got ${JSON.stringify(given)}`)
}

function text(given: unknown, field: string, fail: Fail): string {
  return typeof given === 'string' ? given : fail(field, `must be a text, got ${JSON.stringify(given)}`)
}

function oneOf<const W extends readonly string[]>(
  words: W,
  given: unknown,
  field: string,
  fail: Fail,
): W[number] {
  const found = words.find((word) => word === given)
  return found ?? fail(field, `must be one of ${words.join(', ')}, got ${JSON.stringify(given)}`)
}
