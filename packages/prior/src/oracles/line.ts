/** Oracles of straight lines and second-order autoregressions: both are regressions on two numbers. */

import { isStationary } from '../catalogue/priors/series.ts'
import type { InContextTask, Interval } from '../catalogue/studio-prior.ts'
import { ORACLE_LEVELS, writeMixtureQuantiles } from './gaussian-mixture.ts'
import { type LinearPredictive, linearPosterior } from './linear-posterior.ts'
import type { Oracle } from './oracle.ts'

const LEVELS = ORACLE_LEVELS.length

export const lineOracle: Oracle = {
  priorId: 'linear_regression',
  strength: 'exact',
  method:
    'Bayesian linear regression under the prior of slope and intercept and a uniform size of noise, by quadrature; ' +
    'normal for each size of noise.',
  answer(task, rangeOf) {
    const x = task.columns[0]!.values
    const slope = logScaleMixture(rangeOf('coefficient_range'))
    const intercept = logScaleMixture(rangeOf('intercept_range'))
    const predictive = linearPosterior(
      {
        u: x.subarray(0, task.train),
        v: new Float64Array(task.train).fill(1),
        y: task.y.subarray(0, task.train),
      },
      { noise: atLeast(rangeOf('noise_scale'), 1e-9), logDensity: (a, b) => slope(a) + intercept(b) },
    )
    return answerRows(task, predictive, (row) => [x[row]!, 1])
  },
}

export const ar2Oracle: Oracle = {
  priorId: 'ar2_process',
  strength: 'exact',
  method:
    'Bayesian regression of each value on the two before it, uniform over the stationary triangle, with a uniform size ' +
    'of noise, one step ahead from the history; values between the history and a row are used only as its lags.',
  answer(task, rangeOf) {
    const { y, train } = task
    const predictive = linearPosterior(
      { u: y.subarray(1, train - 1), v: y.subarray(0, train - 2), y: y.subarray(2, train) },
      {
        noise: rangeOf('noise_scale'),
        logDensity: (phi1, phi2) => (isStationary(phi1, phi2) ? 0 : Number.NEGATIVE_INFINITY),
      },
    )
    return answerRows(task, predictive, (row) => [y[row - 1]!, y[row - 2]!])
  },
}

/**
 * ln density of a number that is uniform from -c to c where c is itself uniform in `range`:
 * the mean of 1 / (2 c) over those c that reach it.
 */
export function logScaleMixture([low, high]: Interval): (value: number) => number {
  return (value) => {
    const reach = Math.max(low, Math.abs(value))
    if (reach > high) return Number.NEGATIVE_INFINITY
    if (low === high) return high > 0 ? -Math.log(2 * high) : 0
    return Math.log(Math.log(high / Math.max(reach, 1e-12)) / (2 * (high - low)))
  }
}

function atLeast([low, high]: Interval, least: number): Interval {
  return [Math.max(low, least), Math.max(high, least)]
}

function answerRows(
  { train, test }: InContextTask,
  predictive: LinearPredictive,
  regressors: (row: number) => readonly [number, number],
): Float64Array {
  const out = new Float64Array(test * LEVELS)
  for (let i = 0; i < test; i++) {
    const mixture = predictive(...regressors(train + i))
    writeMixtureQuantiles(mixture, out.subarray(i * LEVELS, (i + 1) * LEVELS))
  }
  return out
}
