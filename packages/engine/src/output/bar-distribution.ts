/**
 * Predictive distributions as bars: one set of borders for all rows and, per row, the log of the mass in each bucket.
 *
 * The borders depend on the training target alone, so a row's bars do not depend on which other rows were asked for.
 * They pool three sets: quantiles of the training target (fine where targets are dense), an even grid over its range
 * (fine enough everywhere), and geometrically growing steps to twice the range on either side, for predictions beyond
 * what was seen. Mass further out counts to the outermost buckets.
 */
import { cdfBetween, type Tails } from './quantile-function.ts'

const QUANTILE_BORDERS = 640
const GRID_BORDERS = 320
const EXTENSION_BORDERS = 24
const EXTENSION_RANGES = 2
/** Borders nearer to each other than this share of the range are one border. */
const SMALLEST_GAP = 1e-6

/** Smallest mass of a bucket before renormalising; keeps log masses finite. */
export const MASS_FLOOR = 1e-9

/**
 * Borders of the buckets for one training target.
 *
 * @param target  finite training targets in their own unit, any order, not all equal
 * @returns increasing, about 1,000 of them
 * @throws RangeError when the target has no spread
 */
export function makeBorders(target: Float64Array): Float64Array {
  const sorted = target.slice().sort()
  const last = sorted.length - 1
  const low = sorted[0]!
  const high = sorted[last]!
  const range = high - low
  if (!(range > 0) || !Number.isFinite(range)) {
    throw new RangeError(`Borders need a finite target range above zero, got [${low}, ${high}].`)
  }
  const pooled: number[] = []
  for (let i = 0; i <= GRID_BORDERS; i++) pooled.push(low + (range * i) / GRID_BORDERS)
  for (let i = 1; i < QUANTILE_BORDERS; i++) {
    const position = (i / QUANTILE_BORDERS) * last
    const below = Math.floor(position)
    const share = position - below
    pooled.push(sorted[below]! * (1 - share) + sorted[Math.min(last, below + 1)]! * share)
  }
  // The steps beyond the range start as wide as the grid's and grow so that the last border is where it should be.
  const growth = extensionGrowth()
  let step = 1 / GRID_BORDERS
  let reach = 0
  for (let i = 0; i < EXTENSION_BORDERS; i++) {
    reach += step
    step *= growth
    pooled.push(low - range * reach, high + range * reach)
  }
  pooled.sort((a, b) => a - b)
  const gap = Math.max(range * SMALLEST_GAP, 8 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high)))
  const borders = [pooled[0]!]
  for (const border of pooled) if (border - borders[borders.length - 1]! > gap) borders.push(border)
  return Float64Array.from(borders)
}

/** Growth per step for which EXTENSION_BORDERS steps, the first 1 / GRID_BORDERS, add up to EXTENSION_RANGES. */
function extensionGrowth(): number {
  let lo = 1
  let hi = 3
  for (let i = 0; i < 60; i++) {
    const growth = (lo + hi) / 2
    const sum = (growth ** EXTENSION_BORDERS - 1) / (growth - 1) / GRID_BORDERS
    if (sum > EXTENSION_RANGES) hi = growth
    else lo = growth
  }
  return lo
}

/**
 * Log masses of one row's buckets.
 *
 * @param knots    sorted finite quantiles of the row
 * @param borders  increasing; the outermost buckets also take all mass beyond them
 * @param out      written from `offset` on: borders.length - 1 numbers, each at least about log(1e-9), whose
 *                 exponentials sum to 1
 */
export function writeBarLogits(
  knots: Float64Array,
  tails: Tails,
  borders: Float64Array,
  out: Float64Array,
  offset: number,
): void {
  const buckets = borders.length - 1
  let below = 0
  let previous = 0
  let total = 0
  for (let i = 0; i < buckets; i++) {
    let cdf = 1
    if (i < buckets - 1) {
      const border = borders[i + 1]!
      while (below < knots.length && knots[below]! <= border) below++
      cdf = cdfBetween(knots, tails, border, below)
    }
    const mass = Math.max(MASS_FLOOR, cdf - previous)
    out[offset + i] = mass
    total += mass
    previous = cdf
  }
  const logTotal = Math.log(total)
  for (let i = 0; i < buckets; i++) out[offset + i] = Math.log(out[offset + i]!) - logTotal
}

/**
 * The answer for a target that never varied: one bucket around the constant, 2e-5 of its size wide, of mass 1.
 *
 * @returns two borders
 */
export function constantBorders(constant: number): Float64Array {
  const half = Math.max(Math.abs(constant) * 1e-5, 1e-5)
  return Float64Array.of(constant - half, constant + half)
}
