/**
 * A series as rows with lagged values, the layout that callers of the Predict API send: lags nearest first, then the
 * sine and cosine of the season's phase, then how far along the row is. Everything is scaled by the history alone, and a
 * row holds only what was known before its own value: forecasts of several steps roll forward on their own answers.
 */

import { type NumericColumn, seasonWave } from '@posterior/tabular'
import type { InContextTask } from '../studio-prior.ts'

/** Columns that follow the lags: sin, cos, step_pct. */
export const SERIES_EXTRA_COLUMNS = 3

export interface SeriesLayout {
  readonly lags: number
  /** Rows of one season. */
  readonly season: number
}

/** Mean and population standard deviation of the history; a history without spread has scale 1. */
export interface SeriesScale {
  readonly center: number
  readonly scale: number
}

export function fitSeriesScale(history: ArrayLike<number>): SeriesScale {
  let center = 0
  for (let i = 0; i < history.length; i++) center += history[i]! / history.length
  let variance = 0
  for (let i = 0; i < history.length; i++) variance += (history[i]! - center) ** 2 / history.length
  const scale = Math.sqrt(variance)
  return { center, scale: scale > 1e-9 * (1 + Math.abs(center)) ? scale : 1 }
}

/**
 * The model's row for position `at`, given the scaled values before it (those not known are not read).
 *
 * @param scaled values at positions 0..at-1, scaled by `fitSeriesScale` of the history
 * @param total  length of the series with its horizon
 * @returns lag_1 ... lag_L (0 before the start of the series), sin, cos, at / total
 */
export function seriesRow(
  scaled: ArrayLike<number>,
  at: number,
  total: number,
  { lags, season }: SeriesLayout,
): Float64Array {
  const row = new Float64Array(lags + SERIES_EXTRA_COLUMNS)
  for (let k = 1; k <= lags; k++) row[k - 1] = at >= k ? scaled[at - k]! : 0
  const wave = seasonWave(at, season)
  row[lags] = wave.sin
  row[lags + 1] = wave.cos
  row[lags + 2] = at / total
  return row
}

/** Names of a series row's columns. */
export function seriesColumnNames({ lags }: SeriesLayout): string[] {
  return [...Array.from({ length: lags }, (_, k) => `lag_${k + 1}`), 'sin_phase', 'cos_phase', 'step_pct']
}

/**
 * One step ahead at every position: the first `train` are history and labelled, the rest is asked for.
 *
 * @param y the series in time order, train + test values
 */
export function packSeries(
  y: Float64Array,
  { train, test, layout }: { train: number; test: number; layout: SeriesLayout },
): InContextTask {
  const { center, scale } = fitSeriesScale(y.subarray(0, train))
  const scaled = y.map((value) => (value - center) / scale)
  const total = train + test
  const columns: NumericColumn[] = seriesColumnNames(layout).map((name) => ({
    name,
    values: new Float64Array(total),
    categorical: false,
  }))
  for (let at = 0; at < total; at++) {
    const row = seriesRow(scaled, at, total, layout)
    for (const [j, column] of columns.entries()) column.values[at] = row[j]!
  }
  return { task: 'regression', train, test, columns, y, classes: 0 }
}
