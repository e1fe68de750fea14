/** Single numbers that stand for a predictive distribution given by its quantiles (see quantile-function.ts). */
import { quantileAt, type Tails } from './quantile-function.ts'

/**
 * Expected value: the integral of the quantile function, by the trapezoid rule between the outer knots and in closed
 * form in the exponential tails (each holds 0.5 / n of the mass and has its mean one scale beyond the knot).
 */
export function meanOf(knots: Float64Array, tails: Tails): number {
  const n = knots.length
  let sum = 0
  for (let k = 0; k < n; k++) sum += knots[k]! / n
  // The trapezoid rule gives the outer knots half a step, their tails the other half: together one full step.
  return sum + (0.5 / n) * (tails.right - tails.left)
}

/** The value with half of the mass on either side. */
export function medianOf(knots: Float64Array, tails: Tails): number {
  return quantileAt(knots, tails, 0.5)
}

/**
 * Most probable value: the middle of the densest bucket, with each bucket's density smoothed over three neighbours.
 * A bucket is 2 % of the mass and may start at any knot, so three of them are the narrowest stretch that holds 6 %.
 * Where knots coincide (an atom at least that heavy) it is the value of the heaviest atom.
 *
 * @param knots sorted, finite
 */
export function modeOf(knots: Float64Array): number {
  const n = knots.length
  const step = Math.max(1, Math.round(n / 51))
  const width = 3 * step
  if (n <= width) return knots[n >> 1]!
  let best = 0
  let narrowest = Number.POSITIVE_INFINITY
  for (let k = 0; k + width < n; k++) {
    const span = knots[k + width]! - knots[k]!
    if (span < narrowest) {
      narrowest = span
      best = k
    }
  }
  if (narrowest === 0) return heaviestAtom(knots)
  // The middle of the middle bucket, between the two knots that are nearest to it.
  const middle = best + width / 2
  return knots[Math.floor(middle)]! / 2 + knots[Math.ceil(middle)]! / 2
}

function heaviestAtom(knots: Float64Array): number {
  let best = 0
  let longest = 0
  for (let start = 0; start < knots.length; ) {
    let end = start + 1
    while (end < knots.length && knots[end] === knots[start]) end++
    if (end - start > longest) {
      longest = end - start
      best = start
    }
    start = end
  }
  return knots[best]!
}
