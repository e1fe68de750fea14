import { normalQuantile, Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { meanOf, medianOf, modeOf } from './point-estimates.ts'
import { fitTails, knotLevel } from './quantile-function.ts'

const N = 255

function standardNormalKnots(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, k) => normalQuantile(knotLevel(k, n)))
}

function knotsOf(quantile: (p: number) => number): Float64Array {
  return Float64Array.from({ length: N }, (_, k) => quantile(knotLevel(k, N)))
}

test('mean, median and mode of a normal are its centre', () => {
  const knots = standardNormalKnots(N).map((z) => 5 + 2 * z)
  expect(meanOf(knots, fitTails(knots))).toBeCloseTo(5, 9)
  expect(medianOf(knots, fitTails(knots))).toBeCloseTo(5, 9)
  expect(Math.abs(modeOf(knots) - 5)).toBeLessThan(0.05)
})

test('the mean of an exponential is recovered with its tail', () => {
  const knots = knotsOf((p) => -Math.log(1 - p))
  expect(meanOf(knots, fitTails(knots))).toBeCloseTo(1, 2)
  expect(medianOf(knots, fitTails(knots))).toBeCloseTo(Math.LN2, 4)
  // The density is highest at 0; the estimate is the middle of the second of three 2 % buckets.
  expect(modeOf(knots)).toBeLessThan(0.05)
})

test('the mean of a hand-worked distribution adds trapezoids and tails', () => {
  // Levels 1/4 and 3/4; trapezoid (0 + 4) / 2 * 1/2 = 1; outer quarters at the knots 0 and 4: 0 and 1, plus tails.
  const knots = Float64Array.of(0, 4)
  expect(meanOf(knots, { left: 0, right: 0 })).toBeCloseTo(2, 12)
  expect(meanOf(knots, { left: 1, right: 3 })).toBeCloseTo(2 + 0.25 * 2, 12)
})

test('the mode of a mixture lies on its sharper part', () => {
  // A third of the mass within 0.03 of 10, the rest spread over [0, 9].
  const knots = knotsOf((p) => (p < 2 / 3 ? p * 13.5 : 10 + (p - 2 / 3) * 0.1))
  expect(modeOf(knots)).toBeGreaterThan(9.9)
})

test('the mode of atoms is the heaviest one', () => {
  const knots = knotsOf((p) => (p < 0.3 ? 1 : p < 0.8 ? 2 : 3))
  expect(modeOf(knots)).toBe(2)
})

test('mean, median and mode move and scale with the values', () => {
  const random = Random.fromSeed('equivariance')
  for (let round = 0; round < 20; round++) {
    const knots = Float64Array.from({ length: N }, () => random.gamma(2)).sort()
    const moved = knots.map((q) => 3 * q - 7)
    for (const estimate of [
      (q: Float64Array) => meanOf(q, fitTails(q)),
      (q: Float64Array) => medianOf(q, fitTails(q)),
      modeOf,
    ]) {
      expect(estimate(moved)).toBeCloseTo(3 * estimate(knots) - 7, 9)
    }
  }
})

test('a point mass has all three at the point', () => {
  const knots = new Float64Array(N).fill(-2)
  const tails = fitTails(knots)
  expect(meanOf(knots, tails)).toBeCloseTo(-2, 12)
  expect(medianOf(knots, tails)).toBe(-2)
  expect(modeOf(knots)).toBe(-2)
})
