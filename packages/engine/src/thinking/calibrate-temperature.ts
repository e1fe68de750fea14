/** The temperature at which an answer's distribution fits held-out rows best; one number, found by golden section. */
import { logLoss, pinball } from '@posterior/tabular'
import { shapeProbabilities } from '../output/class-blend.ts'
import { meanOf } from '../output/point-estimates.ts'
import { fitTails, knotLevel } from '../output/quantile-function.ts'
import { applyTemperature } from '../output/quantile-mixture.ts'

const RANGE = [0.4, 2.5] as const
/** Temperatures are rounded to this many per unit of their logarithm: finer ones are noise. */
const STEPS = 100
/** A temperature is kept when it improves the loss by at least this share. */
const LEAST_GAIN = 1e-3

/**
 * Temperature of class probabilities by their log loss (Guo et al. 2017, on the average instead of the logits).
 *
 * @param probabilities row-major [rows, classes]
 * @returns 1 when no other is clearly better
 */
export function classTemperature(labels: Int32Array, probabilities: Float64Array, classes: number): number {
  return bestTemperature((temperature) => {
    const shaped = probabilities.slice()
    shapeProbabilities(shaped, classes, { temperature, balanceBy: null })
    return logLoss(labels, shaped, classes)
  })
}

/**
 * Temperature of predictive distributions by the mean pinball loss of their quantiles.
 *
 * @param knots row-major [rows, n]: sorted quantiles at (k + 0.5) / n
 * @returns 1 when no other is clearly better
 */
export function quantileTemperature(truth: Float64Array, knots: Float64Array, n: number): number {
  const rows = truth.length
  const means = Float64Array.from({ length: rows }, (_, row) => {
    const own = knots.subarray(row * n, (row + 1) * n)
    return meanOf(own, fitTails(own))
  })
  return bestTemperature((temperature) => {
    const shaped = knots.slice()
    for (let row = 0; row < rows; row++)
      applyTemperature(shaped.subarray(row * n, (row + 1) * n), means[row]!, temperature)
    let sum = 0
    for (let k = 0; k < n; k++) {
      const level = Float64Array.from({ length: rows }, (_, row) => shaped[row * n + k]!)
      sum += pinball(truth, level, knotLevel(k, n))
    }
    return sum / n
  })
}

function bestTemperature(loss: (temperature: number) => number): number {
  const ratio = (Math.sqrt(5) - 1) / 2
  let [low, high] = RANGE.map(Math.log) as [number, number]
  let a = high - ratio * (high - low)
  let b = low + ratio * (high - low)
  let atA = loss(Math.exp(a))
  let atB = loss(Math.exp(b))
  for (let i = 0; i < 14; i++) {
    if (atA < atB) {
      high = b
      b = a
      atB = atA
      a = high - ratio * (high - low)
      atA = loss(Math.exp(a))
    } else {
      low = a
      a = b
      atA = atB
      b = low + ratio * (high - low)
      atB = loss(Math.exp(b))
    }
  }
  const found = Math.exp(Math.round(((low + high) / 2) * STEPS) / STEPS)
  const asIs = loss(1)
  return loss(found) < asIs - LEAST_GAIN * Math.abs(asIs) ? found : 1
}
