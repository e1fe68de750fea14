/** A prior of a user as the rest of the project sees one: sizes and packing are known here, samples come from a sandbox. */

import { GRAPH_COLUMNS } from '../catalogue/pack/discovery.ts'
import { packGroups } from '../catalogue/pack/groups.ts'
import { packClassification, packRegression } from '../catalogue/pack/rows.ts'
import { packSeries, SERIES_EXTRA_COLUMNS } from '../catalogue/pack/series.ts'
import {
  type InContextTask,
  type PackOptions,
  type ParameterValues,
  type PriorDeclaration,
  type TaskLayout,
  type Tensor,
  tensorOf,
} from '../catalogue/studio-prior.ts'
import type { ModuleDeclaration } from './declaration.ts'
import { ModuleError } from './module-error.ts'
import type { PriorModule } from './sandbox/protocol.ts'
import { parseShape, parseSize } from './shape-expression.ts'

/** A module with its declaration: everything that a run on it needs. Plain JSON. */
export interface DeclaredModule extends PriorModule {
  /** Slug of the prior in its project. */
  readonly id: string
  readonly version: string
  readonly declaration: ModuleDeclaration
}

const LEAST_CONTEXT = 5
const LEAST_HISTORY = 16
/** Of a table with a graph. */
const LEAST_TABLE_ROWS = 8

/** Everything of the prior but its samples. */
export function modulePrior(module: DeclaredModule): PriorDeclaration {
  const { id, version, declaration } = module
  const { task, inputs, parameters, outputs, kind } = declaration
  const sizes = sizesOf(module)
  const isTemporal = kind === 'temporal' || kind === 'temporal_causal'
  return {
    ...{ id, version, task, parameters, outputs },
    slug: id,
    name: declaration.name,
    kind: isTemporal ? 'temporal' : 'tabular',
    category: task === 'forecast' ? 'time_series' : task === 'discovery' ? 'causal' : task,
    description: declaration.description,
    inputs: task === 'discovery' ? 'table' : inputs,
    layout: (values) => layoutOf(module, values),
    pack:
      task === 'discovery'
        ? null
        : (sample, options) => {
            const { random } = options
            if (inputs === 'series') {
              const layout = {
                lags: sizes.lags(options.parameters),
                season: sizes.season(options.parameters),
              }
              // A task may ask for fewer steps than the series has.
              const steps = options.train + options.test
              return packSeries(tensorOf(sample, 'y').data.slice(0, steps), { ...options, layout })
            }
            if (inputs === 'groups') {
              const count = sizes.groups(options.parameters)
              return packGroups({ ...sample, X: groupNumbers(tensorOf(sample, 'X')) }, { ...options, count })
            }
            if (declaration.n_ctx !== null) return packInOrder(sample, options)
            if (task === 'regression') return packRegression(sample, options)
            const dense = denseLabels(sample)
            return packClassification(dense.sample, { ...options, classes: dense.classes, random })
          },
  }
}

/** How outputs may be declared, for messages. */
const EXAMPLES = {
  X: "type: 'tensor', shape: '(num_points, 2)'",
  y: "type: 'tensor', shape: '(num_points)'",
  labels: "type: 'tensor', shape: '(num_points)'",
  A: "type: 'graph', shape: '(2, 2)'",
}

/** Whether the sizes of tasks are known before drawing them, as training needs. @throws ModuleError that says what to declare */
export function requireSizes(module: DeclaredModule): void {
  const { declaration, file } = module
  const input = declaration.inputs === 'series' ? 'y' : 'X'
  const answer = { classification: 'labels', discovery: 'A', regression: 'y', forecast: 'y' }[
    declaration.task
  ]
  for (const name of new Set([input, answer])) {
    const output = declaration.outputs.find((each) => each.name === name)
    const dimensions = output && parseShape(output.shape)
    if (dimensions && dimensions.length > 0) continue
    throw new ModuleError(
      `to train on it, declare the shape of ${name} by parameters or numbers: ` +
        `outputs: [{ name: '${name}', ${EXAMPLES[name as keyof typeof EXAMPLES]} }, ...]`,
      { kind: 'declaration', file },
      'outputs',
    )
  }
}

function layoutOf(module: DeclaredModule, values: ParameterValues): TaskLayout {
  const { declaration, file } = module
  const { inputs, task, n_ctx } = declaration
  const sizes = sizesOf(module)
  const source = declaration.outputs.find(({ name }) => name === (inputs === 'series' ? 'y' : 'X'))
  const [rows, width] = parseShape(source?.shape ?? '') ?? []
  const size = {
    rows: rows?.valueOf(values) ?? Number.NaN,
    features: {
      rows: width?.valueOf(values) ?? 1,
      series: sizes.lags(values) + SERIES_EXTRA_COLUMNS,
      groups: 1,
    }[inputs],
    classes: task === 'classification' ? sizes.classes(values) : 0,
    leastContext: inputs === 'series' ? LEAST_HISTORY : LEAST_CONTEXT,
    ...(n_ctx !== null && { context: parseSize(n_ctx)!.valueOf(values) }),
  }
  for (const [what, value] of Object.entries(size)) {
    if (Number.isInteger(value) && value >= (what === 'classes' ? 0 : 1)) continue
    throw new ModuleError(`its sizes give ${value} ${what} with ${JSON.stringify(values)}`, {
      kind: 'declaration',
      file,
    })
  }
  if (task === 'discovery') requireGraphSizes(module, size)
  return size
}

/** Tables without a pair of columns have no graph, and brains are asked about no wider ones. */
function requireGraphSizes({ file }: DeclaredModule, { rows, features }: TaskLayout): void {
  const [least, most] = GRAPH_COLUMNS
  if (features >= least && features <= most && rows >= LEAST_TABLE_ROWS) return
  throw new ModuleError(
    `tables with a graph have at least ${LEAST_TABLE_ROWS} rows and ${least} to ${most} columns, ` +
      `its sizes give ${rows} by ${features}`,
    { kind: 'declaration', file },
    'outputs',
  )
}

function sizesOf({ declaration }: DeclaredModule) {
  const size = (text: string) => {
    const expression = parseSize(text)!
    return (values: ParameterValues) => expression.valueOf(values)
  }
  const { classes, groups, lags, season } = declaration
  return { classes: size(classes), groups: size(groups), lags: size(lags), season: size(season) }
}

/** The first column of X beside one that is not looked at, as `packGroups` takes it. */
function groupNumbers({ shape, data }: Tensor): Tensor {
  const [rows, width = 1] = shape as [number, number?]
  const numbers = new Float64Array(2 * rows)
  for (let i = 0; i < rows; i++) numbers[2 * i] = data[i * width]!
  return { shape: [rows, 2], data: numbers }
}

/** The module says which rows are labelled: the first ones. */
function packInOrder(sample: Record<string, Tensor>, { train, test }: PackOptions): InContextTask {
  const isClasses = sample['labels'] !== undefined
  const { sample: dense, classes } = isClasses ? denseLabels(sample) : { sample, classes: 0 }
  const x = tensorOf(dense, 'X')
  const width = x.shape[1] ?? 1
  const rows = train + test
  return {
    task: isClasses ? 'classification' : 'regression',
    ...{ train, test, classes },
    columns: Array.from({ length: width }, (_, j) => ({
      name: `x${j + 1}`,
      values: Float64Array.from({ length: rows }, (_, i) => x.data[i * width + j]!),
      categorical: false,
    })),
    y: tensorOf(dense, isClasses ? 'labels' : 'y').data,
  }
}

/** Classes that a task has, numbered from 0 without gaps. */
function denseLabels(sample: Record<string, Tensor>): { sample: Record<string, Tensor>; classes: number } {
  const labels = tensorOf(sample, 'labels')
  const numbers = new Map([...new Set(labels.data)].sort((a, b) => a - b).map((label, i) => [label, i]))
  const dense = { shape: labels.shape, data: labels.data.map((label) => numbers.get(label)!) }
  return { sample: { ...sample, labels: dense }, classes: numbers.size }
}
