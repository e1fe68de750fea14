/**
 * y = w1 u + w2 v + noise of unknown size, with any prior on (w1, w2): least squares gives the likelihood for each size of
 * noise on a grid; a fine grid of weights around it takes the prior in. The predictive is normal for each size of noise,
 * by the mean and variance of the weights, and the sizes are mixed.
 */

import { logSum, midpoints, type NormalMixture, normaliseLogs } from './gaussian-mixture.ts'

export interface LinearData {
  /** Regressors of the rows to learn from. */
  readonly u: ArrayLike<number>
  readonly v: ArrayLike<number>
  readonly y: ArrayLike<number>
}

export interface LinearPrior {
  readonly noise: readonly [number, number]
  /** ln of the prior density of the weights, up to a constant; -Infinity outside its support. */
  logDensity(w1: number, w2: number): number
}

/** Mixture of the predictive at (u, v). */
export type LinearPredictive = (u: number, v: number) => NormalMixture

const NOISE_POINTS = 24
/** Weights are looked at this many posterior standard deviations around least squares. */
const WEIGHT_REACH = 4.5
const WEIGHT_POINTS = 31

/** @throws RangeError when the regressors do not span a plane, or no weight of the grid has prior density */
export function linearPosterior(data: LinearData, prior: LinearPrior): LinearPredictive {
  const fit = leastSquares(data)
  const sigmas = midpoints(prior.noise, NOISE_POINTS)
  const posteriors = Array.from(sigmas, (sigma) => weightMoments(fit, sigma, prior))
  const logs = posteriors.map(({ logWeight }, k) => {
    const sigma = sigmas[k]!
    return logWeight - (fit.rows - 2) * Math.log(sigma) - fit.residual / (2 * sigma * sigma)
  })
  const weights = normaliseLogs(logs)
  return (u, v) => ({
    weights,
    means: posteriors.map(({ w1, w2 }) => w1 * u + w2 * v),
    deviations: posteriors.map(({ c11, c12, c22 }, k) =>
      Math.sqrt(sigmas[k]! ** 2 + Math.max(0, c11 * u * u + 2 * c12 * u * v + c22 * v * v)),
    ),
  })
}

interface LeastSquares {
  readonly rows: number
  readonly w1: number
  readonly w2: number
  /** Lower Cholesky factor of the inverse of the Gram matrix. */
  readonly l11: number
  readonly l21: number
  readonly l22: number
  readonly residual: number
}

function leastSquares({ u, v, y }: LinearData): LeastSquares {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    let sum = 0
    for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
    return sum
  }
  const [uu, uv, vv] = [dot(u, u), dot(u, v), dot(v, v)]
  const determinant = uu * vv - uv * uv
  if (!(determinant > 1e-12 * uu * vv)) throw new RangeError('the regressors do not span a plane')
  const [uy, vy] = [dot(u, y), dot(v, y)]
  const w1 = (vv * uy - uv * vy) / determinant
  const w2 = (uu * vy - uv * uy) / determinant
  let residual = 0
  for (let i = 0; i < y.length; i++) residual += (y[i]! - w1 * u[i]! - w2 * v[i]!) ** 2
  const l11 = Math.sqrt(vv / determinant)
  const l21 = -uv / determinant / l11
  return { rows: y.length, w1, w2, l11, l21, l22: Math.sqrt(uu / determinant - l21 * l21), residual }
}

interface WeightMoments {
  /** ln of the prior's mean over the likelihood's normal, up to a constant. */
  readonly logWeight: number
  readonly w1: number
  readonly w2: number
  readonly c11: number
  readonly c12: number
  readonly c22: number
}

function weightMoments(fit: LeastSquares, sigma: number, prior: LinearPrior): WeightMoments {
  const nodes = midpoints([-WEIGHT_REACH, WEIGHT_REACH], WEIGHT_POINTS)
  const points: { w1: number; w2: number; log: number }[] = []
  for (const a of nodes) {
    for (const b of nodes) {
      const w1 = fit.w1 + sigma * fit.l11 * a
      const w2 = fit.w2 + sigma * (fit.l21 * a + fit.l22 * b)
      const log = prior.logDensity(w1, w2) - 0.5 * (a * a + b * b)
      if (log > Number.NEGATIVE_INFINITY) points.push({ w1, w2, log })
    }
  }
  // Noise so small that least squares lies far outside the prior explains nothing; it gets no weight.
  if (points.length === 0) {
    return { logWeight: -1e300, w1: fit.w1, w2: fit.w2, c11: 0, c12: 0, c22: 0 }
  }
  const weights = normaliseLogs(points.map(({ log }) => log))
  let [w1, w2, c11, c12, c22] = [0, 0, 0, 0, 0]
  for (const [k, point] of points.entries()) {
    w1 += weights[k]! * point.w1
    w2 += weights[k]! * point.w2
  }
  for (const [k, point] of points.entries()) {
    c11 += weights[k]! * (point.w1 - w1) ** 2
    c12 += weights[k]! * (point.w1 - w1) * (point.w2 - w2)
    c22 += weights[k]! * (point.w2 - w2) ** 2
  }
  return { logWeight: logSum(points.map(({ log }) => log)), w1, w2, c11, c12, c22 }
}
