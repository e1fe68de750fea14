/**
 * Whether a series wanders, as a random walk does, or comes back to a level, a line or a season: the augmented
 * Dickey-Fuller test (Said and Dickey, 1984). The change from step to step is regressed on the value before, the two
 * changes before, a line and the phase of the season; a series that comes back changes against its value.
 */
import { normaliseHistory } from './lag-rows.ts'

/** At 5 %, with a line (MacKinnon, 2010, for about 100 steps). */
const CRITICAL = -3.45
const EARLIER_CHANGES = 2
/** Changes that differ by less, in standard deviations of the series, are the same. */
const SAME = 1e-9
/** Fewer steps than this cannot tell. */
const LEAST_STEPS = 24
/** Place of the value before among the regressors. */
const VALUE_BEFORE = 2

/**
 * Whether it cannot be ruled out that a series wanders. Then it is to be forecast by its changes.
 *
 * @param series  in even steps; NaN = missing
 * @param season  steps of one season; null for none
 * @returns false for a series that is too short to tell, or that never varies
 */
export function wanders(series: Float64Array, season: number | null): boolean {
  const { z } = normaliseHistory(series)
  const rows: number[][] = []
  const changes: number[] = []
  for (let t = EARLIER_CHANGES + 1; t < z.length; t++) {
    const row = [1, t / z.length, z[t - 1]!]
    for (let k = 1; k <= EARLIER_CHANGES; k++) row.push(z[t - k]! - z[t - k - 1]!)
    if (season !== null) {
      const phase = (2 * Math.PI * t) / season
      row.push(Math.sin(phase), Math.cos(phase))
    }
    const change = z[t]! - z[t - 1]!
    if (Number.isNaN(change) || row.some(Number.isNaN)) continue
    rows.push(row)
    changes.push(change)
  }
  if (rows.length < LEAST_STEPS || !z.some((value) => Math.abs(value) > 0)) return false
  // A straight line leaves nothing to test; its changes say all.
  const isLine = changes.every((change) => Math.abs(change - changes[0]!) < SAME)
  return isLine || studentOf(rows, changes, VALUE_BEFORE) > CRITICAL
}

/** The t statistic of one coefficient of a least-squares fit; 0 when the fit leaves nothing. */
function studentOf(rows: readonly number[][], y: readonly number[], which: number): number {
  const width = rows[0]!.length
  const square = Array.from({ length: width }, (_, i) =>
    Array.from(
      { length: width },
      // A trace of a ridge, for columns that depend on each other.
      (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0) + (i === j ? 1e-9 : 0),
    ),
  )
  const cross = Array.from({ length: width }, (_, i) =>
    rows.reduce((sum, row, t) => sum + row[i]! * y[t]!, 0),
  )
  const coefficients = solve(square, cross)
  const unit = Array.from({ length: width }, (_, i) => (i === which ? 1 : 0))
  const inverse = solve(square, unit)[which]!
  const residual = rows.reduce((sum, row, t) => {
    const fitted = row.reduce((total, value, i) => total + value * coefficients[i]!, 0)
    return sum + (y[t]! - fitted) ** 2
  }, 0)
  const variance = (residual / (rows.length - width)) * inverse
  return variance > 1e-18 ? coefficients[which]! / Math.sqrt(variance) : 0
}

/** Solve a symmetric positive definite system by elimination. */
function solve(matrix: readonly number[][], right: readonly number[]): number[] {
  const a = matrix.map((row, i) => [...row, right[i]!])
  const n = a.length
  for (let p = 0; p < n; p++) {
    for (let i = p + 1; i < n; i++) {
      const share = a[i]![p]! / a[p]![p]!
      for (let j = p; j <= n; j++) a[i]![j]! -= share * a[p]![j]!
    }
  }
  const x = new Array<number>(n).fill(0)
  for (let i = n - 1; i >= 0; i--) {
    let rest = a[i]![n]!
    for (let j = i + 1; j < n; j++) rest -= a[i]![j]! * x[j]!
    x[i] = rest / a[i]![i]!
  }
  return x
}
