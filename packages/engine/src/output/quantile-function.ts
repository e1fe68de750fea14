/**
 * One predictive distribution as its quantiles ("knots") q_0 <= ... <= q_{n-1} at the levels (k + 0.5) / n.
 *
 * Between the knots the distribution function is linear. Beyond the outer two it falls off exponentially, with a
 * scale fitted to the outer 5 % of each side: for an exponential tail above u = Q(0.95) the excess at level p is
 * scale * ln(0.05 / (1 - p)), so the scale is the slope of a least-squares line through the origin. Equal knots are an
 * atom: the distribution function jumps there.
 */

/** Scales of the two exponential tails, in the unit of the knots; 0 = no tail, the outer knot is an atom. */
export interface Tails {
  readonly left: number
  readonly right: number
}

const TAIL_MASS = 0.05

/** Levels nearer to 0 or 1 than this are answered as this: an exponential tail has no end. */
export const OUTERMOST_LEVEL = 1e-6

/** Level of knot k of n. */
export function knotLevel(k: number, n: number): number {
  return (k + 0.5) / n
}

/**
 * Put the model's quantiles in increasing order, in place (the rearrangement of Chernozhukov, Fernandez-Val and
 * Galichon 2010: never further from the true quantiles than the crossing ones were).
 *
 * @param knots  row-major [rows, n], changed in place
 * @param n      quantiles per row
 */
export function sortKnots(knots: Float64Array, n: number): void {
  for (let start = 0; start < knots.length; start += n) {
    let sorted = true
    for (let i = start + 1; i < start + n; i++) {
      if (knots[i]! < knots[i - 1]!) {
        sorted = false
        break
      }
    }
    if (!sorted) knots.subarray(start, start + n).sort()
  }
}

/** Fit the tails. @param knots sorted, finite, at least 1 */
export function fitTails(knots: Float64Array): Tails {
  const n = knots.length
  if (n < 2) return { left: 0, right: 0 }
  // With few knots the outer 5 % may hold none; then the outermost knot alone decides.
  const mass = Math.min(0.5, Math.max(TAIL_MASS, 1.5 / n))
  const low = interiorQuantile(knots, mass)
  const high = interiorQuantile(knots, 1 - mass)
  let leftProducts = 0
  let rightProducts = 0
  let squares = 0
  for (let k = 0; knotLevel(k, n) < mass; k++) {
    // The levels are symmetric, so one weight serves both sides.
    const weight = Math.log(mass / knotLevel(k, n))
    leftProducts += weight * (low - knots[k]!)
    rightProducts += weight * (knots[n - 1 - k]! - high)
    squares += weight * weight
  }
  return { left: Math.max(0, leftProducts / squares), right: Math.max(0, rightProducts / squares) }
}

/**
 * Value at a level.
 *
 * @param level  0..1; clamped to [OUTERMOST_LEVEL, 1 - OUTERMOST_LEVEL] so that the answer is finite
 */
export function quantileAt(knots: Float64Array, tails: Tails, level: number): number {
  const n = knots.length
  const p = Math.min(1 - OUTERMOST_LEVEL, Math.max(OUTERMOST_LEVEL, level))
  const outer = 0.5 / n
  if (p < outer) return knots[0]! - tails.left * Math.log(outer / p)
  if (1 - p < outer) return knots[n - 1]! + tails.right * Math.log(outer / (1 - p))
  return interiorQuantile(knots, p)
}

/** Value at a level between the outermost knots' levels; linear between knots. */
function interiorQuantile(knots: Float64Array, p: number): number {
  const n = knots.length
  const position = p * n - 0.5
  const below = Math.min(n - 1, Math.max(0, Math.floor(position)))
  const above = Math.min(n - 1, below + 1)
  const share = Math.min(1, Math.max(0, position - below))
  // Weights rather than a difference: knots of opposite sign near the number range must not overflow.
  return knots[below]! * (1 - share) + knots[above]! * share
}

/**
 * Probability of a value at most `y` (at an atom: the atom included).
 *
 * @returns 0..1
 */
export function cdfAt(knots: Float64Array, tails: Tails, y: number): number {
  const n = knots.length
  let lo = 0
  let hi = n
  while (lo < hi) {
    const mid = (lo + hi) >>> 1
    if (knots[mid]! <= y) lo = mid + 1
    else hi = mid
  }
  return cdfBetween(knots, tails, y, lo)
}

/**
 * `cdfAt` when the number of knots <= y is already known; merges over sorted values use it to skip the search.
 *
 * @param count  knots that are <= y
 */
export function cdfBetween(knots: Float64Array, tails: Tails, y: number, count: number): number {
  const n = knots.length
  const outer = 0.5 / n
  if (count === 0) return tails.left > 0 ? outer * Math.exp((y - knots[0]!) / tails.left) : 0
  const below = knots[count - 1]!
  if (count === n) return tails.right > 0 ? 1 - outer * Math.exp((below - y) / tails.right) : 1
  return knotLevel(count - 1, n) + (y - below) / (knots[count]! - below) / n
}
