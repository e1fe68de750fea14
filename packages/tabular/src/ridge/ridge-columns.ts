/**
 * Columns that say what a ridge regression makes of the others. A small network reads single columns well, and linear and
 * smooth functions of many columns badly; the regression reads those, and the network judges what that is worth.
 *
 * Training rows get the answers of the regression that has not seen them (leave-one-out, in closed form), other rows
 * those of all training rows. A number has one column, two classes have one, up to ten have one each, more have none. A
 * column that answers left-out rows no better than their mean is left out.
 *
 * The same recipe is in `foundation/prior/ridge.py`, by which models are trained that expect such columns.
 */
import type { NumericColumn } from '../table/numeric-table.ts'
import {
  type FeatureState,
  fitFeatures,
  fitStandardisation,
  levelCount,
  MOST_FEATURES,
  type RawFeatures,
  rawFeatures,
  type Standardisation,
  standardise,
  type WaveState,
  waves,
} from './ridge-features.ts'
import { fitRidge, type RidgeFit } from './ridge-regression.ts'

/** Classes that have columns, at most. */
export const MOST_RIDGE_CLASSES = 10

/** Fourier features while the bandwidth is looked for, and of the regression itself. */
const TRIAL_WAVES = 64
const WAVES = 256
const BANDWIDTHS = [0.3, 1, 3]
/** Rows that the bandwidth is looked for with at most, evenly spaced. */
const TRIAL_ROWS = 2000
/** With fewer rows there is nothing to leave out. */
const FEWEST_ROWS = 8

/** A target of the regression: class of each row (0..classCount-1), or numbers. */
export type RidgeTarget =
  | { readonly classes: Int32Array; readonly classCount: number }
  | { readonly numbers: Float64Array }

/** Plain JSON; survives a round trip exactly. */
export interface RidgeColumnsState {
  readonly version: 1
  readonly features: FeatureState
  /** Fourier features; null when the regression does better without. */
  readonly waves: WaveState | null
  readonly standardisation: Standardisation
  /** By column: its value where every feature is zero, and a weight for each feature. */
  readonly intercepts: readonly number[]
  readonly weights: readonly (readonly number[])[]
}

/** What was learned, and the columns of the training rows. */
export interface RidgeColumnsFit {
  readonly state: RidgeColumnsState
  readonly columns: readonly NumericColumn[]
}

/**
 * How many columns a table may get.
 *
 * @param classCount  0 for numbers
 */
export function ridgeColumnCount(classCount: number, rows: number): number {
  if (rows < FEWEST_ROWS || classCount === 1 || classCount > MOST_RIDGE_CLASSES) return 0
  return classCount <= 2 ? 1 : classCount
}

/** Memory that learning takes, in bytes, about. @param columns encoded */
export function ridgeBytes(columns: readonly NumericColumn[], rows: number): number {
  // z and rank, or indicators of levels, and one for missing cells.
  const raw = columns.reduce((sum, column) => sum + 1 + Math.max(2, levelCount(column)), 0)
  const kept = Math.min(raw, MOST_FEATURES) + WAVES
  const side = Math.min(kept, rows)
  // Features as they are, standardised and centred, and the scores of the rows; the products and their vectors.
  return 8 * (rows * (2 * raw + 4 * kept) + 4 * side * side)
}

/**
 * Learn the regression and answer the training rows.
 *
 * The work grows with rows × features² and the cube of the smaller of both: 0.5 s for 2,000 rows of 20 columns.
 *
 * @param columns  encoded training rows; NaN = missing
 * @param seed     of the Fourier features
 * @returns null when no column would say anything
 */
export function fitRidgeColumns(
  columns: readonly NumericColumn[],
  target: RidgeTarget,
  seed: number,
): RidgeColumnsFit | null {
  const targets = targetsOf(target)
  if (targets.length === 0 || columns.length === 0) return null
  const features = fitFeatures(columns)
  const { linear, base } = rawFeatures(features, columns)
  if (linear.length === 0) return null
  const whole = { linear, base, targets }
  const some = takeEvenly(whole, TRIAL_ROWS)
  // The bandwidth is found with few waves, and the regression with many taken where it beats the one without.
  const trials = BANDWIDTHS.map((bandwidth) => attempt(some, { seed, bandwidth, count: TRIAL_WAVES }))
  const { bandwidth } = best(trials).wave!
  const { fit, wave, standardisation } = best([
    attempt(whole, null),
    attempt(whole, { seed, bandwidth, count: WAVES }),
  ])
  const useful = targets.flatMap((values, k) => (isBetterThanMean(values, fit.leftOut[k]!) ? [k] : []))
  if (useful.length === 0) return null
  return {
    state: {
      version: 1,
      features,
      waves: wave,
      standardisation,
      intercepts: useful.map((k) => fit.intercepts[k]!),
      weights: useful.map((k) => Array.from(fit.weights[k]!)),
    },
    columns: useful.map((k, place) => asColumn(place, fit.leftOut[k]!)),
  }
}

/** The columns of other rows. @param columns encoded as those of the fit */
export function ridgeColumns(state: RidgeColumnsState, columns: readonly NumericColumn[]): NumericColumn[] {
  const rows = columns[0]!.values.length
  const { linear, base } = rawFeatures(state.features, columns)
  const all = state.waves ? [...linear, ...waves(state.waves, base)] : linear
  const features = standardise(state.standardisation, all)
  return state.weights.map((weights, k) => {
    const values = new Float64Array(rows).fill(state.intercepts[k]!)
    for (const [j, feature] of features.entries()) {
      const weight = weights[j]!
      for (let i = 0; i < rows; i++) values[i]! += weight * feature[i]!
    }
    return asColumn(k, values)
  })
}

interface Problem extends RawFeatures {
  readonly targets: readonly Float64Array[]
}

interface Attempt {
  readonly wave: WaveState | null
  readonly standardisation: Standardisation
  readonly fit: RidgeFit
}

function attempt({ linear, base, targets }: Problem, wave: WaveState | null): Attempt {
  const all = wave ? [...linear, ...waves(wave, base)] : linear
  const standardisation = fitStandardisation(all)
  return { wave, standardisation, fit: fitRidge(standardise(standardisation, all), targets) }
}

function takeEvenly({ linear, base, targets }: Problem, most: number): Problem {
  const stride = Math.ceil(targets[0]!.length / most)
  const take = (columns: readonly Float64Array[]) =>
    stride === 1 ? columns : columns.map((values) => values.filter((_, row) => row % stride === 0))
  return { linear: take(linear), base: take(base), targets: take(targets) }
}

function best(attempts: readonly Attempt[]): Attempt {
  return attempts.reduce((a, b) => (b.fit.error < a.fit.error ? b : a))
}

function targetsOf(target: RidgeTarget): Float64Array[] {
  if ('numbers' in target) return ridgeColumnCount(0, target.numbers.length) === 0 ? [] : [target.numbers]
  const { classes, classCount } = target
  const count = ridgeColumnCount(classCount, classes.length)
  const first = classCount - count
  return Array.from({ length: count }, (_, k) =>
    Float64Array.from(classes, (own) => (own === first + k ? 1 : 0)),
  )
}

function isBetterThanMean(values: Float64Array, leftOut: Float64Array): boolean {
  const mean = values.reduce((sum, y) => sum + y, 0) / values.length
  let own = 0
  let plain = 0
  for (const [i, y] of values.entries()) {
    own += (y - leftOut[i]!) ** 2
    plain += (y - mean) ** 2
  }
  return own < plain
}

function asColumn(number: number, values: Float64Array): NumericColumn {
  return { name: `ridge ${number + 1}`, values, categorical: false }
}
