/** Batches of a catalogue prior: the shape is drawn for a batch, everything else for each of its tasks. */

import type { Random } from '@posterior/tabular'
import type { BatchSpec, CatalogueSource, TaskBatch } from '../batch/batch-spec.ts'
import { emptyBatch, writeCells, writeColumnIds, writeTargets } from '../batch/write-batch.ts'
import { requirePrior } from './catalogue.ts'
import { type DiscoveryTask, packDiscovery, writeTables } from './pack/discovery.ts'
import { drawParameters, layoutAt, validateOverrides } from './parameters.ts'
import { PriorError } from './prior-error.ts'
import type { InContextTask, Interval, Overrides, PriorDeclaration, StudioPrior } from './studio-prior.ts'

/** How large a batch may get. */
export interface BatchBudget {
  /** Rows x columns that the batch aims at. */
  readonly cells: number
  readonly maxDatasets: number
  /** Most rows of a task that are asked for; default all that are not labelled. */
  readonly maxQueries?: number
  /**
   * How much of the prior's sizes to draw from, above 0; default 1, all. Below it come easy tasks: the lower part of the
   * range of each size, and of the rows as many labelled as may be.
   */
  readonly reach?: number
}

/** Labelled rows are at most this share of a task. */
const MOST_LABELLED = 0.9
/** Targets further than this many standard deviations of the labelled rows are clipped. */
const TARGET_LIMIT = 8
const MOST_ATTEMPTS = 1000

/**
 * Check that a prior can be trained on with these overrides.
 *
 * @throws PriorError for an unknown prior, a bad override, a prior without in-context tasks, or sizes that leave no task
 */
export function requireTrainable(id: string, overrides: Overrides): StudioPrior {
  return checkTrainable(requirePrior(id), overrides)
}

/** The same for a prior at hand. */
export function checkTrainable<P extends PriorDeclaration>(prior: P, overrides: Overrides): P {
  validateOverrides(prior, overrides)
  return prior
}

/** Draw the shape of a batch: rows, columns and classes from the prior's ranges, labelled rows log-uniformly. */
export function planCatalogueBatch(
  id: string,
  overrides: Overrides,
  budget: BatchBudget,
  random: Random,
): BatchSpec {
  return planBatch(requireTrainable(id, overrides), overrides, budget, random)
}

/** The same for a prior that `checkTrainable` has passed. */
export function planBatch(
  prior: PriorDeclaration,
  overrides: Overrides,
  budget: BatchBudget,
  random: Random,
): BatchSpec {
  const { reach = 1 } = budget
  const within = { ...overrides, ...reachable(prior, overrides, reach) }
  const shape = drawParameters(prior.parameters, within, random, ({ isShape }) => isShape === true)
  const { rows, features, classes, leastContext, context } = prior.layout(shape)
  const source = { id: prior.id, overrides, shape }
  if (!prior.pack) return planDiscovery({ rows, features }, budget, source)
  const most = Math.floor(MOST_LABELLED * rows)
  if (most < leastContext) {
    const needed = Math.ceil(leastContext / MOST_LABELLED)
    throw new PriorError(`${prior.id}: a task needs at least ${needed} rows, its parameters give ${rows}.`)
  }
  const fewest = leastContext ** reach * most ** (1 - reach)
  const train = context ?? Math.min(most, Math.floor(random.logUniform(fewest, most + 1)))
  const test = Math.min(rows - train, budget.maxQueries ?? Number.POSITIVE_INFINITY)
  const cells = (train + test) * features
  return {
    task: classes > 0 ? 'classification' : 'regression',
    batch: Math.max(1, Math.min(budget.maxDatasets, Math.floor(budget.cells / cells))),
    train,
    test,
    features,
    stage: 'general',
    maxClasses: Math.max(2, classes),
    ...(classes > 0 && { classSlots: classSlotsOf(prior, overrides) }),
    source,
  }
}

/** As many as the tasks of the prior have classes at most: what a model of it learns to tell apart. */
export function classSlotsOf(prior: PriorDeclaration, overrides: Overrides): number {
  return Math.max(2, layoutAt(prior, overrides, 'most').classes)
}

/** Whole tables: there is nothing to label. */
function planDiscovery(
  { rows, features }: { rows: number; features: number },
  budget: BatchBudget,
  source: CatalogueSource,
): BatchSpec {
  const batch = Math.max(1, Math.min(budget.maxDatasets, Math.floor(budget.cells / (rows * features))))
  const sizes = { batch, train: rows, test: 0, features }
  return { task: 'discovery', ...sizes, stage: 'general', maxClasses: 2, source }
}

/** The lower part of the ranges of whole numbers that decide sizes. */
function reachable({ parameters }: PriorDeclaration, overrides: Overrides, reach: number): Overrides {
  const lower: Record<string, Interval> = {}
  for (const [name, { isShape, type, range }] of Object.entries(parameters)) {
    const whole = overrides[name] ?? range
    if (!isShape || type !== 'int' || typeof whole !== 'object') continue
    const [least, most] = whole
    lower[name] = [least, least + Math.ceil(reach * (most - least))]
  }
  return lower
}

/**
 * The tasks that `sampleCatalogueBatch` packs for the same spec and state of `random`, in their own units: what an oracle
 * answers.
 */
export function drawTasks(spec: BatchSpec, random: Random): InContextTask[] {
  return Array.from({ length: spec.batch }, (_, b) => drawTask(spec, random.fork('dataset', b)))
}

/** Pure in (spec, state of `random`), as the general prior's `sampleBatch`. */
export function sampleCatalogueBatch(spec: BatchSpec, random: Random): TaskBatch {
  const batch = emptyBatch(spec)
  const draws = Array.from({ length: spec.batch }, (_, b) => random.fork('dataset', b))
  if (spec.task === 'discovery') {
    writeTables(
      batch,
      draws.map((draw) => drawTable(spec, draw)),
      draws,
    )
    return batch
  }
  for (const [b, draw] of draws.entries()) writeTask(batch, b, drawTask(spec, draw), draw)
  random.nextInt32()
  return batch
}

/** The tables of a batch of a causal prior, with the graphs behind them, as `sampleCatalogueBatch` draws them. */
export function drawTables(spec: BatchSpec, random: Random): DiscoveryTask[] {
  return Array.from({ length: spec.batch }, (_, b) => drawTable(spec, random.fork('dataset', b)))
}

function drawTable({ source }: BatchSpec, draw: Random): DiscoveryTask {
  const { id, overrides, shape } = source!
  const prior = requirePrior(id)
  const parameters = drawParameters(prior.parameters, { ...overrides, ...shape }, draw)
  return packDiscovery(prior.sample(parameters, draw))
}

/** Write a task as dataset `b`. */
export function writeTask(batch: TaskBatch, b: number, task: InContextTask, random: Random): void {
  batch.families[b] = batch.spec.source!.id
  batch.classCounts[b] = task.classes
  writeCells(batch, b, task.columns, { quantileShare: 0, random })
  writeTargets(batch, b, task.classes > 0 ? task.y : standardisedTargets(task), random)
  writeColumnIds(batch, b, random)
}

/** The target in standard deviations of the labelled rows, from their mean, clipped as the model is trained on it. */
export function standardisedTargets(task: InContextTask): Float64Array {
  const { center, scale } = targetScale(task)
  return task.y.map((y) => Math.max(-TARGET_LIMIT, Math.min(TARGET_LIMIT, (y - center) / scale)))
}

/** Mean and population standard deviation of the labelled rows' target. */
export function targetScale({ y, train }: InContextTask): { center: number; scale: number } {
  let center = 0
  for (let i = 0; i < train; i++) center += y[i]! / train
  let variance = 0
  for (let i = 0; i < train; i++) variance += (y[i]! - center) ** 2 / train
  return { center, scale: Math.sqrt(variance) }
}

function drawTask(spec: BatchSpec, random: Random): InContextTask {
  const { id, overrides, shape } = spec.source!
  const prior = requirePrior(id)
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const parameters = drawParameters(prior.parameters, { ...overrides, ...shape }, random)
    const test = prior.layout(parameters).rows - spec.train
    const options = { train: spec.train, test, parameters, random }
    const task = prior.drawTask?.(options) ?? prior.pack!(prior.sample(parameters, random), options)
    if (isFair(task)) return test > spec.test ? withFewerQueries(task, spec.test, random) : task
  }
  throw noUsableTask(prior.id, MOST_ATTEMPTS)
}

/** @returns what is said of a prior whose tasks were all refused by `isFair` */
export function noUsableTask(id: string, attempts: number): PriorError {
  return new PriorError(
    `${id} gave no usable task in ${attempts} draws: every one had a constant target or a class without a ` +
      'labelled row. Loosen the overrides.',
  )
}

/** The task with `test` of its rows to predict, drawn evenly and left in their order. */
export function withFewerQueries(task: InContextTask, test: number, random: Random): InContextTask {
  const { train, columns, y } = task
  const asked = random.permutation(task.test).subarray(0, test).sort()
  const kept = (values: Float64Array) =>
    Float64Array.from({ length: train + test }, (_, i) => values[i < train ? i : train + asked[i - train]!]!)
  return { ...task, test, columns: columns.map((c) => ({ ...c, values: kept(c.values) })), y: kept(y) }
}

/** Judged by the labelled rows alone, so that accepting a task tells nothing of its answers. */
export function isFair(task: InContextTask): boolean {
  if (task.classes > 0) return new Set(task.y.subarray(0, task.train)).size === task.classes
  const { center, scale } = targetScale(task)
  return scale > 1e-9 * (1 + Math.abs(center)) && task.y.every(Number.isFinite)
}
