/**
 * A series as rows for a model of tables. Row i asks for the value at step i and knows what came before it:
 *
 *   lag_1 .. lag_L   the values at i-1 .. i-L, nearest first; missing before the start
 *   sin, cos         of 2 pi i / season; 0 without a season
 *   step_pct         i / (length of history and horizon)
 *
 * The values are those of the history less its mean and divided by its standard deviation, so that nothing of what is
 * to be forecast is in them. With 8 lags and season 12 these are the columns of the studio's forecasting priors, which
 * state 0 where this says missing (`beforeStart`).
 */
import { plainMoments } from '../preprocess/trimmed-moments.ts'
import { seasonWave } from './season-wave.ts'

/** Columns beside the lags. */
export const STEP_COLUMNS = 3

const LEAST_LAGS = 8
const MOST_DEFAULT_LAGS = 24

export interface SeriesLayout {
  readonly lags: number
  /** Steps of one season; null for none. */
  readonly season: number | null
  /** Steps of history and horizon together. */
  readonly length: number
  /** What lags before the start are; default NaN = missing. */
  readonly beforeStart?: number
}

/** y = mean + scale × normalised value. */
export interface SeriesScale {
  readonly mean: number
  /** Population standard deviation; 1 for a series that never varies. */
  readonly scale: number
}

/** Lags that fit a series: a season's worth from 8 to 24, and at most a third of the history. */
export function defaultLags(historyLength: number, season: number | null): number {
  const wanted = Math.min(MOST_DEFAULT_LAGS, Math.max(LEAST_LAGS, season ?? 0))
  return Math.max(1, Math.min(wanted, Math.floor(historyLength / 3)))
}

/**
 * Normalise a history by itself.
 *
 * @param history finite, or NaN = missing
 */
export function normaliseHistory(history: Float64Array): { z: Float64Array; scale: SeriesScale } {
  const there = history.filter((y) => !Number.isNaN(y)).sort()
  const { mean, spread } = plainMoments(there)
  const scale = { mean, scale: spread > 0 ? spread : 1 }
  return { z: history.map((y) => (y - scale.mean) / scale.scale), scale }
}

/** Columns of a row. */
export function rowWidthOf({ lags }: SeriesLayout): number {
  return lags + STEP_COLUMNS
}

/**
 * Write the row of step `step`; reads `z` before `step` alone.
 *
 * @param out written from `offset` on, `rowWidthOf(layout)` numbers
 */
export function writeLagRow(
  z: Float64Array,
  step: number,
  { lags, season, length, beforeStart = Number.NaN }: SeriesLayout,
  out: Float64Array,
  offset: number,
): void {
  for (let k = 1; k <= lags; k++) out[offset + k - 1] = step - k < 0 ? beforeStart : z[step - k]!
  const wave = season === null ? null : seasonWave(step, season)
  out[offset + lags] = wave?.sin ?? 0
  out[offset + lags + 1] = wave?.cos ?? 0
  out[offset + lags + 2] = step / length
}

/**
 * The steps of a history that make labelled rows: those whose value is there. Steps without all of their lags are left
 * out unless that would leave fewer than half.
 */
export function labelledSteps(z: Float64Array, { lags }: SeriesLayout): number[] {
  const steps = [...z.keys()].filter((step) => step > 0 && !Number.isNaN(z[step]!))
  const whole = steps.filter((step) => step >= lags)
  return 2 * whole.length >= steps.length ? whole : steps
}
