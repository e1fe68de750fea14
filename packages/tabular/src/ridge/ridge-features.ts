/**
 * What the ridge regression of `ridge-columns.ts` sees of a table: z and rank of each column of numbers, an indicator for
 * each category, for each frequent text and for missing cells, and random Fourier features of all of them (Rahimi and
 * Recht, 2007), which make it an approximate kernel ridge regression.
 */
import { categoryCount } from '../pipeline/pipeline.ts'
import { CELL_CHANNELS, type ChannelState, cellChannels, fitChannels } from '../preprocess/cell-channels.ts'
import { Random } from '../random/random.ts'
import type { NumericColumn } from '../table/numeric-table.ts'

/** Features of more columns than this are summed, with random signs, until so many are left. */
export const MOST_FEATURES = 512
/** Features are limited to so many standard deviations. */
const LIMIT = 6
/** The rank of a column of numbers is uniform on 0..1; this gives it variance 1. */
const RANK_SCALE = 2 * Math.sqrt(3)
const LEAST_VARIANCE = 1e-10
/** Texts of a column that have an indicator: so many of the most frequent, each in so many rows at least. */
const MOST_TEXTS = 50
const FEWEST_TEXT_ROWS = 2

/** How columns become features. Plain JSON. */
export interface FeatureState {
  readonly channels: ChannelState
  /** By column: values that have an indicator, null for numbers. */
  readonly levels: readonly (readonly number[] | null)[]
  /** Columns that had missing cells in training. */
  readonly missing: readonly number[]
  /** Training mean of each indicator: missing cells first, then levels, column by column. */
  readonly indicatorMeans: readonly number[]
}

/** Random Fourier features. Plain JSON; the directions follow from the seed. */
export interface WaveState {
  readonly seed: number
  /** How fast they change: in standard deviations of a direction. */
  readonly bandwidth: number
  readonly count: number
}

/** Mean and spread of each feature; a spread of 0 stands for one that did not vary. Plain JSON. */
export interface Standardisation {
  readonly means: readonly number[]
  readonly spreads: readonly number[]
}

/** Features before they are standardised. */
export interface RawFeatures {
  /** z, rank and indicators. */
  readonly linear: readonly Float64Array[]
  /** Rank and indicators, which Fourier features are made of. */
  readonly base: readonly Float64Array[]
}

/** Indicators that a column may get. */
export function levelCount(column: NumericColumn): number {
  return column.text ? MOST_TEXTS : categoryCount(column)
}

/** Learn how columns become features. @param columns encoded training rows */
export function fitFeatures(columns: readonly NumericColumn[]): FeatureState {
  const levels = columns.map(levelsOf)
  const missing = columns.flatMap(({ values }, j) => (values.some(Number.isNaN) ? [j] : []))
  const state = { channels: fitChannels(columns), levels, missing, indicatorMeans: [] }
  const indicatorMeans = indicators(state, columns).map(
    (values) => values.reduce((sum, x) => sum + x, 0) / values.length,
  )
  return { ...state, indicatorMeans }
}

/** The features of some rows. */
export function rawFeatures(state: FeatureState, columns: readonly NumericColumn[]): RawFeatures {
  const rows = columns[0]!.values.length
  const cells = cellChannels(state.channels, columns)
  const numbers = state.levels.flatMap((own, j) => (own === null ? [j] : []))
  const channel = (j: number, c: number, make: (x: number) => number) =>
    Float64Array.from({ length: rows }, (_, i) => make(cells[(i * columns.length + j) * CELL_CHANNELS + c]!))
  const ranks = numbers.map((j) => channel(j, 1, (rank) => RANK_SCALE * (rank - 0.5)))
  const steps = indicators(state, columns).map((values, k) => values.map((x) => x - state.indicatorMeans[k]!))
  const z = numbers.map((j) => channel(j, 0, (x) => x))
  return { linear: fold([...z, ...ranks, ...steps], 'linear'), base: fold([...ranks, ...steps], 'base') }
}

function levelsOf(column: NumericColumn): number[] | null {
  if (column.text) return frequentTexts(column.values)
  const categories = categoryCount(column)
  return categories === 0 ? null : Array.from({ length: categories }, (_, code) => code)
}

/** The most frequent places, in increasing order; those between two texts that are kept stand for none. */
function frequentTexts(places: Float64Array): number[] {
  const counts = new Map<number, number>()
  for (const place of places) if (Number.isInteger(place)) counts.set(place, (counts.get(place) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count >= FEWEST_TEXT_ROWS)
    .sort(([a, m], [b, n]) => n - m || a - b)
    .slice(0, MOST_TEXTS)
    .map(([place]) => place)
    .sort((a, b) => a - b)
}

function indicators(
  { levels, missing }: Pick<FeatureState, 'levels' | 'missing'>,
  columns: readonly NumericColumn[],
): Float64Array[] {
  return [
    ...missing.map((j) => columns[j]!.values.map((x) => (Number.isNaN(x) ? 1 : 0))),
    ...columns.flatMap(({ values }, j) =>
      (levels[j] ?? []).map((level) => values.map((x) => (x === level ? 1 : 0))),
    ),
  ]
}

/** Sum features beyond the first so many onto those, each with a random sign: a sketch that no label has a part in. */
function fold(features: readonly Float64Array[], purpose: string): readonly Float64Array[] {
  if (features.length <= MOST_FEATURES) return features
  const random = Random.fromSeed('ridge', purpose)
  const kept = features.slice(0, MOST_FEATURES).map((values) => values.slice())
  for (const values of features.slice(MOST_FEATURES)) {
    const target = kept[random.int(0, MOST_FEATURES)]!
    const sign = random.bool() ? 1 : -1
    for (let i = 0; i < values.length; i++) target[i]! += sign * values[i]!
  }
  return kept
}

/** Random Fourier features of the base. */
export function waves({ seed, bandwidth, count }: WaveState, base: readonly Float64Array[]): Float64Array[] {
  const { directions, phases } = drawWaves(seed, bandwidth, count, base.length)
  const rows = base[0]?.length ?? 0
  return Array.from({ length: count }, (_, k) => {
    const angle = new Float64Array(rows).fill(phases[k]!)
    for (const [j, values] of base.entries()) {
      const weight = directions[k * base.length + j]!
      for (let i = 0; i < rows; i++) angle[i]! += weight * values[i]!
    }
    return angle.map(Math.cos)
  })
}

/** The last directions that were drawn: answers to single rows follow each other. */
const drawn = new Map<string, { directions: Float64Array; phases: Float64Array }>()
const MOST_DRAWN = 16

function drawWaves(seed: number, bandwidth: number, count: number, width: number) {
  const key = `${seed} ${bandwidth} ${count} ${width}`
  const known = drawn.get(key)
  if (known) return known
  const random = Random.fromSeed(seed, 'ridge waves', count)
  const directions = random.fillNormal(new Float64Array(count * width))
  const scale = bandwidth / Math.sqrt(width)
  for (let i = 0; i < directions.length; i++) directions[i]! *= scale
  const phases = Float64Array.from({ length: count }, () => random.uniform(0, 2 * Math.PI))
  if (drawn.size >= MOST_DRAWN) drawn.delete(drawn.keys().next().value!)
  drawn.set(key, { directions, phases })
  return { directions, phases }
}

/** Mean and spread of features on training rows. */
export function fitStandardisation(features: readonly Float64Array[]): Standardisation {
  const means = features.map((values) => values.reduce((sum, x) => sum + x, 0) / values.length)
  const variances = features.map(
    (values, j) => values.reduce((sum, x) => sum + (x - means[j]!) ** 2, 0) / values.length,
  )
  return { means, spreads: variances.map((v) => (v > LEAST_VARIANCE ? Math.sqrt(v) : 0)) }
}

/** Features of mean 0 and variance 1 in training, limited; zero where training had one value. */
export function standardise(
  { means, spreads }: Standardisation,
  features: readonly Float64Array[],
): Float64Array[] {
  return features.map((values, j) => {
    const mean = means[j]!
    const scale = spreads[j]! > 0 ? 1 / spreads[j]! : 0
    return values.map((x) => Math.min(LIMIT, Math.max(-LIMIT, (x - mean) * scale)))
  })
}
