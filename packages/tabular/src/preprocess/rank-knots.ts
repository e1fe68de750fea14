/**
 * The empirical distribution of a column as knots (value, mid-rank), between which ranks are interpolated. Up to 1,024
 * distinct values every one is a knot and training ranks are exact; beyond that knots are thinned so that no rank is off
 * by more than 1/1,024, which keeps the state small for a million rows. Ranks are kept doubled, as whole numbers.
 */

const MAX_EXACT_KNOTS = 1024

/** ±Infinity as ±Number.MAX_VALUE, which ranks as well and which JSON can hold. */
export function clampInfinite(x: number): number {
  return x > Number.MAX_VALUE ? Number.MAX_VALUE : x < -Number.MAX_VALUE ? -Number.MAX_VALUE : x
}

/**
 * Distinct values and their doubled mid-ranks. When there are too many, a value is kept if it is the first or last, is
 * at least 1/1,024 of the rows itself, stands before such a value, or 1/1,024 of the rows has passed since the last.
 */
export function findKnots(sorted: Float64Array): { knots: number[]; ranks: number[] } {
  const count = sorted.length
  const knots: number[] = []
  const ranks: number[] = []
  for (let start = 0; start < count; ) {
    const value = sorted[start]!
    let end = start + 1
    while (end < count && sorted[end] === value) end++
    knots.push(value)
    ranks.push(start + end)
    start = end
  }
  if (knots.length <= MAX_EXACT_KNOTS) return { knots, ranks }

  // In doubled ranks a step of 1/1,024 of the rows is 2 count / 1,024.
  const step = (2 * count) / MAX_EXACT_KNOTS
  const last = knots.length - 1
  const keptKnots: number[] = []
  const keptRanks: number[] = []
  let below = 0
  let keptRank = Number.NEGATIVE_INFINITY
  for (let i = 0; i <= last; i++) {
    // ranks[i] = 2 below + equal.
    const equal = ranks[i]! - 2 * below
    below += equal
    const nextEqual = i < last ? ranks[i + 1]! - 2 * below : 0
    const heavy = 2 * equal >= step || 2 * nextEqual >= step
    const spaced = i < last && ranks[i + 1]! - keptRank > step
    if (i === 0 || i === last || heavy || spaced) {
      keptKnots.push(knots[i]!)
      keptRanks.push(ranks[i]!)
      keptRank = ranks[i]!
    }
  }
  return { knots: keptKnots, ranks: keptRanks }
}

/** Doubled mid-rank of x: exact at a knot, linear between two, 0 below the first, `top` above the last. */
export function doubledRank(knots: Float64Array, ranks: Float64Array, value: number, top: number): number {
  const x = clampInfinite(value)
  let lo = 0
  let hi = knots.length
  while (lo < hi) {
    const mid = (lo + hi) >>> 1
    if (knots[mid]! < x) lo = mid + 1
    else hi = mid
  }
  if (lo === knots.length) return top
  const above = knots[lo]!
  if (above === x) return ranks[lo]!
  if (lo === 0) return 0
  const below = knots[lo - 1]!
  // Halves, so that a gap as wide as the number range does not overflow.
  const share = (x / 2 - below / 2) / (above / 2 - below / 2)
  const low = ranks[lo - 1]!
  // Neighbouring denormals have no half of their own: share is then 0 / 0.
  return Number.isNaN(share) ? low : low + share * (ranks[lo]! - low)
}
