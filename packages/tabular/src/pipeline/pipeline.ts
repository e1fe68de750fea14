/**
 * What a member of an ensemble makes of the encoded columns before the model sees them. `resolve` the member's choices
 * first (which columns, which products: everything random), ask `pipelineWidth` what will come of it before memory is
 * taken, then `fitPipeline` on the member's training rows. `applyPipeline` does the same to any other rows.
 */

import type { NumericColumn } from '../table/numeric-table.ts'
import { TableError } from '../table/table-error.ts'
import { fingerprints } from './fingerprint.ts'
import { finiteMoments } from './finite-moments.ts'
import { type Draws, fitScaling, type ScalingName } from './fit-scaling.ts'
import { principalComponents } from './principal-components.ts'
import { applyStep, type PipelineStep } from './steps.ts'

/** How categorical columns reach the model. */
export const CATEGORY_HANDLINGS = ['codes', 'shuffled', 'shuffled-common', 'numbers', 'one-hot'] as const

export type CategoryHandling = (typeof CATEGORY_HANDLINGS)[number]

/** The preprocessing of a member as a caller asks for it. Plain JSON. */
export interface PipelineOptions {
  scaling: ScalingName
  /**
   * 'codes' of the sorted categories, 'shuffled' codes, 'shuffled-common' (columns whose every category has at least ten
   * rows and which have fewer categories than a tenth of the rows; other ones are numbers), 'numbers', or 'one-hot'.
   */
  categories: CategoryHandling
  /** Append the scaled columns to the original ones; 'auto': when twice the columns are at most `maxColumns`. */
  keepsOriginal: boolean | 'auto'
  /** A table with more columns is sampled down to so many for each member. */
  maxColumns: number
  /** Append principal components: as many as half or a quarter of the columns, at most a tenth of the rows and one. */
  components: 'half' | 'quarter' | null
  /** Columns with more categories stay codes; null = no bound. */
  maxOneHot: number | null
}

/** Everything that one member's preprocessing depends on. */
export interface MemberPipeline {
  /** Null: columns as they are, apart from the other fields. */
  options: PipelineOptions | null
  /** Columns to keep; null = all. */
  selection: readonly number[] | null
  /** Pairs of kept columns to multiply. */
  products: readonly (readonly [number, number])[]
  /** Null = no fingerprint. */
  fingerprintSalt: number | null
  /** Values further from the mean than so many spreads are drawn in; null = none. */
  outlierSpreads: number | null
}

/** Plain JSON; survives a round trip exactly. */
export interface PipelineState {
  version: 1
  /** Columns to keep; null = all. The steps see them in this order. */
  selection: number[] | null
  steps: PipelineStep[]
  /** The fingerprint of the kept columns, before the steps, is appended after them; null = none. */
  fingerprintSalt: number | null
}

/** Components are those of so many number columns at most, the first ones. */
export const MAX_COMPONENT_COLUMNS = 500

/** What there is to know of a column before any of its values is touched. */
export interface ColumnKind {
  /** Categories of a categorical column; 0 = a column of numbers. */
  categories: number
}

/**
 * Most columns that can come out of a pipeline, known before it is fitted.
 *
 * @param productCount  instead of that of the pipeline, for one whose products are not drawn yet
 */
export function pipelineWidth(
  kinds: readonly ColumnKind[],
  rows: number,
  pipeline: MemberPipeline,
  productCount: number = pipeline.products.length,
): number {
  const { options, selection, fingerprintSalt } = pipeline
  const kept = selection ? selection.map((j) => kinds[j]!) : [...kinds]
  const asNumbers = options?.categories === 'numbers' || options?.categories === 'shuffled-common'
  const categorical = asNumbers ? [] : kept.filter(({ categories }) => categories > 0)
  let numbers = kept.length - categorical.length + productCount
  if (options) {
    const copies = options.scaling === 'norm_and_kdi' ? 2 : 1
    const width = kept.length + productCount
    if (options.scaling !== 'none') numbers *= copies + (keepsOriginal(options, width) ? 1 : 0)
    numbers += componentCount(options, numbers, rows)
  }
  let width = numbers + (fingerprintSalt === null ? 0 : 1)
  for (const { categories } of categorical) {
    width += options && isOneHot(options, categories) ? (categories === 2 ? 1 : categories) : 1
  }
  return width
}

function keepsOriginal({ keepsOriginal: wish, maxColumns }: PipelineOptions, width: number): boolean {
  return wish === 'auto' ? 2 * width <= maxColumns : wish
}

function isOneHot({ categories: handling, maxOneHot }: PipelineOptions, categories: number): boolean {
  return handling === 'one-hot' && categories > 0 && categories <= (maxOneHot ?? Number.POSITIVE_INFINITY)
}

function componentCount({ components }: PipelineOptions, numbers: number, rows: number): number {
  const used = Math.min(numbers, MAX_COMPONENT_COLUMNS)
  if (components === null || used < 2) return 0
  return Math.max(1, Math.min(Math.floor(rows / 10) + 1, Math.floor(used / (components === 'half' ? 2 : 4))))
}

/**
 * Learn a member's preprocessing.
 *
 * @param columns  the member's training rows, encoded
 * @param draws    for the scalings that choose at random
 * @returns the state, and the columns as the member sees them
 */
export function fitPipeline(
  columns: readonly NumericColumn[],
  pipeline: MemberPipeline,
  draws: Draws,
): { state: PipelineState; columns: readonly NumericColumn[] } {
  const { options, selection, products, fingerprintSalt, outlierSpreads } = pipeline
  const rows = columns[0]?.values.length ?? 0
  const steps: PipelineStep[] = []
  const inputs = selection ? selection.map((j) => columns[j]!) : columns
  let current = inputs
  const take = (step: PipelineStep) => {
    steps.push(step)
    current = applyStep(step, current)
  }
  if (options) takeCategories(options, current, take)
  if (products.length > 0) {
    const pairs = products.map(([a, b]): [number, number] => [a, b])
    take({ step: 'products', pairs, spreads: current.map(({ values }) => momentsOf(values).spread) })
  }
  if (options && options.scaling !== 'none') {
    const scalings = current.map(({ categorical, values }) =>
      categorical ? [] : fitScaling(options.scaling, values, draws),
    )
    take({ step: 'scale', scalings, keepsOriginal: keepsOriginal(options, current.length) })
  }
  if (options) {
    const used = indicesWhere(current, ({ categorical }) => !categorical).slice(0, MAX_COMPONENT_COLUMNS)
    const count = componentCount(options, used.length, rows)
    const chosen = used.map((j) => current[j]!)
    if (count > 0) take({ step: 'components', columns: used, ...principalComponents(chosen, count) })
  }
  if (options?.categories === 'one-hot') {
    const counts = current.map((column) => {
      const categories = categoryCount(column)
      return isOneHot(options, categories) ? categories : 0
    })
    take({ step: 'one-hot', counts })
  }
  if (outlierSpreads !== null) take(outlierLimits(current, outlierSpreads))
  if (fingerprintSalt !== null) {
    current = [...current, fingerprints(inputs, fingerprintSalt, { isTraining: true })]
  }
  const state: PipelineState = {
    version: 1,
    selection: selection && [...selection],
    steps,
    fingerprintSalt,
  }
  return { state, columns: current }
}

function takeCategories(
  { categories }: PipelineOptions,
  columns: readonly NumericColumn[],
  take: (step: PipelineStep) => void,
): void {
  if (categories !== 'numbers' && categories !== 'shuffled-common') return
  const isNumber = (column: NumericColumn) => categories === 'numbers' || !isCommon(column)
  take({
    step: 'as-numbers',
    columns: indicesWhere(columns, (column) => column.categorical && isNumber(column)),
  })
}

/**
 * Apply a fitted pipeline.
 *
 * @param columns     columns as given to fitPipeline, of any rows
 * @param isTraining  whether the rows are those of the fit, all of them in their order
 * @throws TableError unsupported_state
 */
export function applyPipeline(
  state: PipelineState,
  columns: readonly NumericColumn[],
  { isTraining }: { isTraining: boolean },
): readonly NumericColumn[] {
  if (state.version !== 1) {
    const { version } = state as { version: number }
    throw new TableError(
      'unsupported_state',
      `The saved pipeline has version ${version}; this program reads version 1. Fit again.`,
      { details: { version } },
    )
  }
  const { selection, steps, fingerprintSalt } = state
  const inputs = selection ? selection.map((j) => columns[j]!) : columns
  const outputs = steps.reduce((current, step) => applyStep(step, current), inputs)
  return fingerprintSalt === null
    ? outputs
    : [...outputs, fingerprints(inputs, fingerprintSalt, { isTraining })]
}

function indicesWhere(columns: readonly NumericColumn[], test: (column: NumericColumn) => boolean): number[] {
  return columns.flatMap((column, j) => (test(column) ? [j] : []))
}

/** Number of categories that a column's codes may take; 0 for a column of numbers. */
export function categoryCount({ categorical, values }: NumericColumn): number {
  if (!categorical) return 0
  let most = -1
  for (const code of values) if (code > most) most = code
  return most + 1
}

function isCommon(column: NumericColumn): boolean {
  const counts = new Float64Array(categoryCount(column))
  for (const code of column.values) if (!Number.isNaN(code)) counts[code]!++
  return counts.every((count) => count >= 10) && counts.length < Math.floor(column.values.length / 10)
}

function outlierLimits(columns: readonly NumericColumn[], deviations: number): PipelineStep {
  const low: number[] = []
  const high: number[] = []
  const spreads: number[] = []
  for (const { categorical, values } of columns) {
    const all = momentsOf(values)
    // Outliers themselves widen the spread: it is taken again without them.
    const reach = deviations * all.spread
    const kept = momentsOf(values.filter((x) => Math.abs(x - all.mean) <= reach))
    const spread = categorical ? 0 : kept.spread
    low.push(kept.mean - deviations * spread)
    high.push(kept.mean + deviations * spread)
    spreads.push(spread)
  }
  return { step: 'limit-outliers', low, high, spreads }
}

/** The moments of the finite values; 0 and 0 when there are none or they overflow. */
function momentsOf(values: Float64Array): { mean: number; spread: number } {
  const { mean, spread } = finiteMoments(values)
  return Number.isFinite(mean) && Number.isFinite(spread) ? { mean, spread } : { mean: 0, spread: 0 }
}
