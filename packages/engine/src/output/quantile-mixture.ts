/**
 * Put the members' predictive distributions together into one, again given by n quantiles.
 *
 * In distribution-function space (the default) the result is the even mixture of the members: where they disagree it
 * is wider than each of them. In quantile space it is the average of the members' quantiles, which keeps their width;
 * it is what averaging log densities gives for normal distributions, and so the counterpart of averaging logits.
 */
import { cdfBetween, fitTails, knotLevel } from './quantile-function.ts'

/**
 * Quantiles of the mixture of several distributions, even or weighted.
 *
 * All members' knots are merged in increasing order; at each of them the mixture's distribution function is the mean
 * of the members', left and right of a jump. Between neighbouring knots it is read off linearly (also in the far
 * tails of members, each of which holds 0.5 / n of a member's mass).
 *
 * @param members  sorted finite knots of each member, all of length n
 * @param out      n numbers, overwritten
 * @param weights  of the members, positive, of any sum; default all 1
 */
export function mixDistributions(
  members: readonly Float64Array[],
  out: Float64Array,
  weights?: readonly number[],
): void {
  const n = out.length
  const count = members.length
  const total = weights ? weights.reduce((sum, weight) => sum + weight, 0) : count
  if (count === 1) {
    out.set(members[0]!)
    return
  }
  const tails = members.map(fitTails)
  const next = new Int32Array(count)
  let previous = 0
  let previousCdf = 0
  let k = 0
  while (k < n) {
    const y = smallestNext(members, next, n)
    if (y === undefined) break
    let before = 0
    let after = 0
    for (let m = 0; m < count; m++) {
      const knots = members[m]!
      const weight = weights ? weights[m]! : 1
      const first = next[m]!
      if (first < n && knots[first] === y) {
        let end = first + 1
        while (end < n && knots[end] === y) end++
        next[m] = end
        before += weight * (first === 0 && tails[m]!.left === 0 ? 0 : knotLevel(first, n))
        after += weight * (end === n && tails[m]!.right === 0 ? 1 : knotLevel(end - 1, n))
      } else {
        const cdf = cdfBetween(knots, tails[m]!, y, first)
        before += weight * cdf
        after += weight * cdf
      }
    }
    before /= total
    after /= total
    for (; k < n && knotLevel(k, n) <= before; k++) {
      // The first merged knot lies at or below level 0.5 / n, so a previous one exists unless the two are equal.
      const share = before > previousCdf ? (knotLevel(k, n) - previousCdf) / (before - previousCdf) : 1
      out[k] = k === 0 && previousCdf === 0 ? y : previous * (1 - share) + y * share
    }
    for (; k < n && knotLevel(k, n) <= after; k++) out[k] = y
    previous = y
    previousCdf = after
  }
  // The last knot's level may lie an ulp above the last sum.
  for (; k < n; k++) out[k] = previous
  // Linear reading of rounded sums can step back by an ulp.
  for (let i = 1; i < n; i++) if (out[i]! < out[i - 1]!) out[i] = out[i - 1]!
}

function smallestNext(members: readonly Float64Array[], next: Int32Array, n: number): number | undefined {
  let smallest: number | undefined
  for (let m = 0; m < members.length; m++) {
    const at = next[m]!
    if (at < n) {
      const value = members[m]![at]!
      if (smallest === undefined || value < smallest) smallest = value
    }
  }
  return smallest
}

/**
 * Mean of the members' quantiles, level by level.
 *
 * @param members  sorted finite knots of each member, all of length n
 * @param out      n numbers, overwritten; sorted again because each member is
 */
export function averageQuantiles(members: readonly Float64Array[], out: Float64Array): void {
  out.fill(0)
  for (const knots of members) {
    for (let k = 0; k < out.length; k++) out[k]! += knots[k]! / members.length
  }
}

/**
 * Temperature of a distribution given by quantiles: every knot moves to mean + √T (q - mean), in place. For a normal
 * density f this is f^(1/T) renormalised, which is what dividing logits by T does; for other shapes it keeps mean and
 * shape and scales the variance by T.
 *
 * @param knots  sorted
 * @param mean   of the distribution
 */
export function applyTemperature(knots: Float64Array, mean: number, temperature: number): void {
  if (temperature === 1) return
  const factor = Math.sqrt(temperature)
  for (let k = 0; k < knots.length; k++) knots[k] = mean + factor * (knots[k]! - mean)
}
