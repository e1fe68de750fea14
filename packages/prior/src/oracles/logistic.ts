/**
 * Bayesian logistic regression on the columns and their pairwise products by Laplace's approximation (MacKay 1992): a
 * normal around the most probable weights, for each of several prior variances of the products, weighted by evidence.
 */

import { choleskyFactor, logDeterminant, solveCholesky, solveLower } from '../linear-algebra/cholesky.ts'
import { normaliseLogs } from './gaussian-mixture.ts'
import type { Oracle } from './oracle.ts'

export interface LaplaceFit {
  readonly weights: Float64Array
  /** Lower Cholesky factor of the negative Hessian at the mode. */
  readonly factor: Float64Array
  /** ln of the evidence, up to a constant that all prior variances share. */
  readonly logEvidence: number
}

const MOST_NEWTON_STEPS = 50
/** Share of the variances tried that a density at the middle of its range gives the products. */
const VARIANCE_FACTORS = [0.05, 0.25, 0.6, 1, 1.8]

/**
 * @param x         rows of features
 * @param labels    0 or 1
 * @param variances prior variance of each weight
 */
export function laplaceLogistic(
  x: readonly Float64Array[],
  labels: ArrayLike<number>,
  variances: Float64Array,
): LaplaceFit {
  const d = variances.length
  let weights = new Float64Array(d)
  let objective = logPosterior(x, labels, weights, variances)
  for (let step = 0; step < MOST_NEWTON_STEPS; step++) {
    const { gradient, factor } = curvature(x, labels, weights, variances)
    const move = solveCholesky(factor, gradient)
    let size = 1
    let next = objective
    let candidate = weights
    for (; size > 1e-6; size /= 2) {
      candidate = weights.map((w, k) => w + size * move[k]!)
      next = logPosterior(x, labels, candidate, variances)
      if (next >= objective) break
    }
    const gain = next - objective
    if (!(gain > 0)) break
    weights = candidate
    objective = next
    if (gain < 1e-9) break
  }
  const { factor } = curvature(x, labels, weights, variances)
  let logEvidence = objective - 0.5 * logDeterminant(factor, d)
  for (const variance of variances) logEvidence -= 0.5 * Math.log(variance)
  return { weights, factor, logEvidence }
}

/** Probability of label 1 with MacKay's correction for the uncertainty of the weights. */
export function laplaceProbability({ weights, factor }: LaplaceFit, features: Float64Array): number {
  let mean = 0
  for (let k = 0; k < weights.length; k++) mean += weights[k]! * features[k]!
  const reduced = solveLower(factor, features)
  let variance = 0
  for (const value of reduced) variance += value * value
  return sigmoid(mean / Math.sqrt(1 + (Math.PI * variance) / 8))
}

export const logisticOracle: Oracle = {
  priorId: 'logistic_interactions',
  strength: 'strong',
  method:
    'Logistic regression on all columns and pairwise products with normal priors, Laplace approximation, the variance of ' +
    'the products mixed by evidence; that most products are exactly 0 is not used.',
  answer({ columns, y, train, test }, rangeOf) {
    const dim = columns.length
    const rows = Array.from({ length: train + test }, (_, i) =>
      productFeatures(columns.map(({ values }) => values[i]!)),
    )
    const middle = (name: string) => (rangeOf(name)[0] + rangeOf(name)[1]) / 2
    const linear = Math.max(1e-6, middle('w_scale') ** 2)
    const product = Math.max(1e-6, linear * middle('interaction_density'))
    const fits = VARIANCE_FACTORS.map((factor) => {
      const variances = rows[0]!.map((_, k) => (k < dim ? linear : product * factor))
      return laplaceLogistic(rows.slice(0, train), y, variances)
    })
    const weights = normaliseLogs(fits.map(({ logEvidence }) => logEvidence))
    const out = new Float64Array(2 * test)
    for (let i = 0; i < test; i++) {
      for (const [k, fit] of fits.entries()) {
        if (weights[k]! > 1e-4) out[2 * i + 1]! += weights[k]! * laplaceProbability(fit, rows[train + i]!)
      }
      out[2 * i] = 1 - out[2 * i + 1]!
    }
    return out
  },
}

/** The values, then their products in pairs. */
function productFeatures(values: number[]): Float64Array {
  const products = values.flatMap((a, i) => values.slice(i + 1).map((b) => a * b))
  return Float64Array.from([...values, ...products])
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z))
}

function logPosterior(
  x: readonly Float64Array[],
  labels: ArrayLike<number>,
  weights: Float64Array,
  variances: Float64Array,
): number {
  let sum = 0
  for (const [i, row] of x.entries()) {
    const z = dot(row, weights)
    // ln sigmoid without overflow.
    const signed = labels[i] === 1 ? z : -z
    sum += signed > 0 ? -Math.log1p(Math.exp(-signed)) : signed - Math.log1p(Math.exp(signed))
  }
  for (let k = 0; k < weights.length; k++) sum -= weights[k]! ** 2 / (2 * variances[k]!)
  return sum
}

function curvature(
  x: readonly Float64Array[],
  labels: ArrayLike<number>,
  weights: Float64Array,
  variances: Float64Array,
): { gradient: Float64Array; factor: Float64Array } {
  const d = weights.length
  const gradient = weights.map((w, k) => -w / variances[k]!)
  const hessian = new Float64Array(d * d)
  for (let k = 0; k < d; k++) hessian[k * d + k] = 1 / variances[k]!
  for (const [i, row] of x.entries()) {
    const p = sigmoid(dot(row, weights))
    const error = labels[i]! - p
    const weight = p * (1 - p)
    for (let k = 0; k < d; k++) {
      gradient[k]! += error * row[k]!
      const scaled = weight * row[k]!
      for (let l = 0; l <= k; l++) hessian[k * d + l]! += scaled * row[l]!
    }
  }
  return { gradient, factor: choleskyFactor(hessian, d) }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}
