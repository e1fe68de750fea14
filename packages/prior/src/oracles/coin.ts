/** The next flip of a coin with a Beta prior, when which side counts as heads is not told. */

import { normaliseLogs } from './gaussian-mixture.ts'
import type { Oracle } from './oracle.ts'

/**
 * Probability of class 1 after `counts` of class 0 and class 1: (b + n1) / (a + b + n0 + n1), averaged over which class
 * is heads when the prior is not symmetric.
 */
export function nextFlip([zeros, ones]: readonly [number, number], alpha: number, beta: number): number {
  const total = alpha + beta + zeros + ones
  const evidence = [
    logGamma(alpha + ones) + logGamma(beta + zeros),
    logGamma(beta + ones) + logGamma(alpha + zeros),
  ]
  const [asHeads, asTails] = normaliseLogs(evidence)
  return (asHeads! * (alpha + ones) + asTails! * (beta + ones)) / total
}

/** ln of the gamma function for x > 0 (Stirling's series after shifting x above 8). */
export function logGamma(x: number): number {
  let shift = 0
  let z = x
  for (; z < 8; z++) shift += Math.log(z)
  const s = 1 / (z * z)
  return (
    (z - 0.5) * Math.log(z) -
    z +
    0.5 * Math.log(2 * Math.PI) +
    (1 / 12 - s * (1 / 360 - s / 1260)) / z -
    shift
  )
}

export const coinOracle: Oracle = {
  priorId: 'coin_flip',
  strength: 'exact',
  method:
    '(alpha + heads) / (alpha + beta + flips), averaged over which side is heads (shapes at the middle of their ranges).',
  answer({ y, train, test }, rangeOf) {
    const ones = y.subarray(0, train).reduce((sum, flip) => sum + flip, 0)
    const middle = (name: string) => (rangeOf(name)[0] + rangeOf(name)[1]) / 2
    const p = nextFlip([train - ones, ones], middle('alpha'), middle('beta'))
    return Float64Array.from({ length: 2 * test }, (_, k) => (k % 2 === 1 ? p : 1 - p))
  },
}
