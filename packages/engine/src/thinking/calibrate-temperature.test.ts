import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { knotLevel } from '../output/quantile-function.ts'
import { classTemperature, quantileTemperature } from './calibrate-temperature.ts'

/** Rows of class 1 with probability p, answered by p to the power of `sharpness`, renormalised. */
function answers(sharpness: number): { labels: Int32Array; probabilities: Float64Array } {
  const random = Random.fromSeed('temperature')
  const truth = Array.from({ length: 4000 }, () => random.uniform(0.05, 0.95))
  const labels = Int32Array.from(truth, (p) => (random.uniform() < p ? 1 : 0))
  const probabilities = Float64Array.from(
    truth.flatMap((p) => {
      const [no, yes] = [(1 - p) ** sharpness, p ** sharpness]
      return [no / (no + yes), yes / (no + yes)]
    }),
  )
  return { labels, probabilities }
}

test('answers that are too sharp are flattened back, and calibrated ones are left', () => {
  const sharp = answers(2)
  expect(Math.abs(classTemperature(sharp.labels, sharp.probabilities, 2) - 2)).toBeLessThan(0.15)
  const calibrated = answers(1)
  expect(classTemperature(calibrated.labels, calibrated.probabilities, 2)).toBe(1)
})

test('distributions that are too narrow are widened, by the square of the factor', () => {
  const random = Random.fromSeed('knots')
  const n = 31
  const truth = Float64Array.from({ length: 3000 }, () => random.normal())
  // A logistic distribution of half the width that is needed, the same for every row.
  const row = Array.from({ length: n }, (_, k) => 0.28 * Math.log(knotLevel(k, n) / (1 - knotLevel(k, n))))
  const knots = Float64Array.from({ length: truth.length * n }, (_, i) => row[i % n]!)
  const temperature = quantileTemperature(truth, knots, n)
  expect(temperature).toBeGreaterThan(2)
})
