/** Random weights that share a budget: column importances and class or category frequencies. */

import type { Random } from '@posterior/tabular'

/**
 * How much each of `count` inputs matters: a power law over a random order (few inputs dominate), some of them zero.
 * Returned as an array with Euclidean norm 1; at least one entry is positive.
 */
export function drawImportances(count: number, random: Random): Float64Array {
  const exponent = random.uniform(0, 2)
  const relevantShare = random.bool(0.5) ? 1 : random.uniform(0.2, 1)
  const relevant = Math.max(1, Math.round(relevantShare * count))
  const order = random.permutation(count)
  const weights = new Float64Array(count)
  let squares = 0
  for (let rank = 0; rank < relevant; rank++) {
    const weight = (rank + 1) ** -exponent
    weights[order[rank]!] = weight
    squares += weight * weight
  }
  const scale = 1 / Math.sqrt(squares)
  for (let j = 0; j < count; j++) weights[j]! *= scale
  return weights
}

/** Frequencies from a symmetric Dirichlet, each at least `floor` / count before renormalising; they sum to 1. */
export function drawShares(
  count: number,
  random: Random,
  { concentration = 1, floor = 0.1 } = {},
): Float64Array {
  const shares = new Float64Array(count)
  let total = 0
  for (let k = 0; k < count; k++) total += shares[k] = random.gamma(concentration)
  let sum = 0
  for (let k = 0; k < count; k++) {
    const share = total > 0 ? shares[k]! / total : 1 / count
    sum += shares[k] = Math.max(share, floor / count)
  }
  for (let k = 0; k < count; k++) shares[k]! /= sum
  return shares
}

/** Index drawn with these probabilities (which sum to 1). */
export function drawIndex(shares: Float64Array, random: Random): number {
  let left = random.uniform()
  for (let k = 0; k < shares.length - 1; k++) {
    left -= shares[k]!
    if (left < 0) return k
  }
  return shares.length - 1
}
