/** The posterior of a Gaussian process whose length scale, variance and noise are unknown, on a grid of the three. */

import { choleskyFactor, logDeterminant, solveCholesky, solveLower } from '../linear-algebra/cholesky.ts'
import { midpoints, normaliseLogs, ORACLE_LEVELS, writeMixtureQuantiles } from './gaussian-mixture.ts'
import type { Oracle } from './oracle.ts'

const LENGTHS = 10
const VARIANCES = 4
const NOISES = 8
const LEVELS = ORACLE_LEVELS.length

export interface GpSettings {
  readonly length: number
  readonly variance: number
  readonly noise: number
}

/** Posterior of f at the query points, and ln p(y), for one setting. */
export function gpPosterior(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  query: ArrayLike<number>,
  { length, variance, noise }: GpSettings,
): { logEvidence: number; means: Float64Array; variances: Float64Array } {
  const n = x.length
  const kernel = (a: number, b: number) => variance * Math.exp(-((a - b) ** 2) / (2 * length * length))
  const covariance = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) covariance[i * n + j] = kernel(x[i]!, x[j]!)
    covariance[i * n + i]! += noise * noise + 1e-6
  }
  const factor = choleskyFactor(covariance, n)
  const alpha = solveCholesky(factor, y)
  let fit = 0
  for (let i = 0; i < n; i++) fit += alpha[i]! * y[i]!
  const means = new Float64Array(query.length)
  const variances = new Float64Array(query.length)
  for (let q = 0; q < query.length; q++) {
    const cross = Float64Array.from(x, (a) => kernel(a, query[q]!))
    const reduced = solveLower(factor, cross)
    variances[q] = variance + 1e-6
    for (let i = 0; i < n; i++) {
      means[q]! += cross[i]! * alpha[i]!
      variances[q]! -= reduced[i]! ** 2
    }
    variances[q] = Math.max(1e-12, variances[q]!)
  }
  const logEvidence = -0.5 * (fit + logDeterminant(factor, n) + n * Math.log(2 * Math.PI))
  return { logEvidence, means, variances }
}

export const gpOracle: Oracle = {
  priorId: 'gp_regression',
  strength: 'exact',
  method:
    `Exact Gaussian process for each of ${LENGTHS} length scales, ${VARIANCES} variances and ${NOISES} sizes of noise, ` +
    'mixed by their evidence.',
  answer({ columns, y, train, test }, rangeOf) {
    const x = columns[0]!.values
    const settings: GpSettings[] = []
    for (const length of midpoints(rangeOf('ls_range'), LENGTHS)) {
      for (const variance of midpoints(rangeOf('var_range'), VARIANCES)) {
        for (const noise of midpoints(rangeOf('noise_scale'), NOISES))
          settings.push({ length, variance, noise })
      }
    }
    const posteriors = settings.map((setting) =>
      gpPosterior(x.subarray(0, train), y.subarray(0, train), x.subarray(train), setting),
    )
    const weights = normaliseLogs(posteriors.map(({ logEvidence }) => logEvidence))
    const out = new Float64Array(test * LEVELS)
    for (let i = 0; i < test; i++) {
      const means = posteriors.map((posterior) => posterior.means[i]!)
      const deviations = posteriors.map(({ variances }, k) =>
        Math.sqrt(variances[i]! + settings[k]!.noise ** 2),
      )
      writeMixtureQuantiles({ weights, means, deviations }, out.subarray(i * LEVELS, (i + 1) * LEVELS))
    }
    return out
  },
}
