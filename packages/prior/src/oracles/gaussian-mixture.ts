/** Predictive distributions as mixtures of normals, and their quantiles. */

/** Levels (k + 0.5) / 255 of the model's quantiles. */
export const ORACLE_LEVELS: Float64Array = Float64Array.from({ length: 255 }, (_, k) => (k + 0.5) / 255)

/** A mixture for one row: weights that sum to 1, means and standard deviations (> 0). */
export interface NormalMixture {
  readonly weights: ArrayLike<number>
  readonly means: ArrayLike<number>
  readonly deviations: ArrayLike<number>
}

/** Points at which the distribution function is computed between the ends of the mixture. */
const GRID = 600
/** Half width of the grid around every component that counts, in its standard deviations. */
const REACH = 4.5
/** Components with less weight than this are left out. */
const LEAST_WEIGHT = 1e-5

/**
 * Quantiles of a mixture at `ORACLE_LEVELS`, by linear interpolation of the distribution function on a grid: exact to a
 * thousandth of the mixture's width.
 *
 * @param out 255 numbers
 */
export function writeMixtureQuantiles(
  { weights, means, deviations }: NormalMixture,
  out: Float64Array,
): void {
  const kept = Array.from(weights, (_, k) => k).filter((k) => weights[k]! > LEAST_WEIGHT)
  const low = Math.min(...kept.map((k) => means[k]! - REACH * deviations[k]!))
  const high = Math.max(...kept.map((k) => means[k]! + REACH * deviations[k]!))
  const total = kept.reduce((sum, k) => sum + weights[k]!, 0)
  const step = (high - low) / (GRID - 1)
  const distribution = new Float64Array(GRID)
  for (const k of kept) {
    const share = weights[k]! / total
    for (let i = 0; i < GRID; i++) {
      distribution[i]! += share * normalDistribution((low + i * step - means[k]!) / deviations[k]!)
    }
  }
  let at = 0
  for (const [k, level] of ORACLE_LEVELS.entries()) {
    while (at < GRID - 2 && distribution[at + 1]! < level) at++
    const rise = distribution[at + 1]! - distribution[at]!
    const part = rise > 0 ? (level - distribution[at]!) / rise : 0
    out[k] = low + step * (at + Math.max(0, Math.min(1, part)))
  }
}

/** Standard normal distribution function, to 1e-7 (Abramowitz and Stegun 7.1.26 on erfc). */
export function normalDistribution(x: number): number {
  const z = Math.abs(x) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * z)
  const polynomial =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const tail = 0.5 * polynomial * Math.exp(-z * z)
  return x > 0 ? 1 - tail : tail
}

/** ln of the standard normal distribution function, also far in the tail. */
export function logNormalDistribution(x: number): number {
  if (x > -5) return Math.log(normalDistribution(x))
  // Mills ratio by its asymptotic series; relative error below 1e-3 at -5 and falling.
  const s = 1 / (x * x)
  return -0.5 * x * x - Math.log(-x) - 0.5 * Math.log(2 * Math.PI) + Math.log1p(-s + 3 * s * s - 15 * s ** 3)
}

/** Weights proportional to exp(logs), summing to 1. */
export function normaliseLogs(logs: ArrayLike<number>): Float64Array {
  let most = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logs.length; i++) most = Math.max(most, logs[i]!)
  const weights = Float64Array.from(logs, (log) => Math.exp(log - most))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** ln of the sum of exp(logs). */
export function logSum(logs: ArrayLike<number>): number {
  let most = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logs.length; i++) most = Math.max(most, logs[i]!)
  if (most === Number.NEGATIVE_INFINITY) return most
  let sum = 0
  for (let i = 0; i < logs.length; i++) sum += Math.exp(logs[i]! - most)
  return most + Math.log(sum)
}

/** `count` midpoints of equal parts of an interval; one point when it has no length. */
export function midpoints([low, high]: readonly [number, number], count: number): Float64Array {
  if (low === high) return Float64Array.of(low)
  return Float64Array.from({ length: count }, (_, k) => low + ((k + 0.5) / count) * (high - low))
}
