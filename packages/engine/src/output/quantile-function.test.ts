import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { cdfAt, fitTails, knotLevel, OUTERMOST_LEVEL, quantileAt, sortKnots } from './quantile-function.ts'

const N = 255

function knotsOf(quantile: (p: number) => number, n = N): Float64Array {
  return Float64Array.from({ length: n }, (_, k) => quantile(knotLevel(k, n)))
}

const exponential = knotsOf((p) => -3 * Math.log(1 - p))

test('quantiles between knots are interpolated linearly', () => {
  // Levels 1/8, 3/8, 5/8, 7/8.
  const knots = Float64Array.of(0, 1, 2, 10)
  const tails = fitTails(knots)
  expect(quantileAt(knots, tails, 0.25)).toBeCloseTo(0.5, 12)
  expect(quantileAt(knots, tails, 0.5)).toBeCloseTo(1.5, 12)
  expect(quantileAt(knots, tails, 0.75)).toBeCloseTo(6, 12)
  expect(cdfAt(knots, tails, 6)).toBeCloseTo(0.75, 12)
})

test('the scale of an exponential tail is recovered to 0.1 %', () => {
  const tails = fitTails(exponential)
  expect(tails.right).toBeCloseTo(3, 2)
  expect(quantileAt(exponential, tails, 0.9999)).toBeCloseTo(-3 * Math.log(0.0001), 2)
  expect(fitTails(exponential.map((x) => -x).reverse()).left).toBeCloseTo(3, 2)
})

test('levels 0 and 1 are finite and answered as the outermost level', () => {
  const tails = fitTails(exponential)
  expect(quantileAt(exponential, tails, 1)).toBe(quantileAt(exponential, tails, 1 - OUTERMOST_LEVEL))
  expect(quantileAt(exponential, tails, 0)).toBe(quantileAt(exponential, tails, OUTERMOST_LEVEL))
  expect(Number.isFinite(quantileAt(exponential, tails, 1))).toBe(true)
})

test('quantiles rise with the level and undo the distribution function', () => {
  const random = Random.fromSeed('quantile property')
  for (let round = 0; round < 50; round++) {
    const knots = Float64Array.from({ length: N }, () => random.studentT(2)).sort()
    const tails = fitTails(knots)
    let previous = Number.NEGATIVE_INFINITY
    for (let i = 0; i <= 200; i++) {
      const level = OUTERMOST_LEVEL + (i / 200) * (1 - 2 * OUTERMOST_LEVEL)
      const value = quantileAt(knots, tails, level)
      expect(value).toBeGreaterThanOrEqual(previous)
      expect(cdfAt(knots, tails, value)).toBeCloseTo(level, 9)
      previous = value
    }
  }
})

test('equal knots are an atom: the distribution function jumps, nothing becomes NaN', () => {
  const knots = Float64Array.of(1, 1, 1, 1, 5)
  const tails = fitTails(knots)
  expect(tails.left).toBe(0)
  expect(cdfAt(knots, tails, 0.999)).toBe(0)
  expect(cdfAt(knots, tails, 1)).toBeCloseTo(0.7, 12)
  expect(quantileAt(knots, tails, 0.01)).toBe(1)
  const constant = new Float64Array(N).fill(7)
  const none = fitTails(constant)
  expect(none).toEqual({ left: 0, right: 0 })
  expect(cdfAt(constant, none, 7)).toBe(1)
  expect(cdfAt(constant, none, 6.9)).toBe(0)
})

test('crossing quantiles are put in order row by row', () => {
  const knots = Float64Array.of(1, 2, 3, 3, 1, 2, 9, 8, 7)
  sortKnots(knots, 3)
  expect([...knots]).toEqual([1, 2, 3, 1, 2, 3, 7, 8, 9])
})

test('a single knot is a point mass', () => {
  const knots = Float64Array.of(4)
  const tails = fitTails(knots)
  expect(quantileAt(knots, tails, 0.1)).toBe(4)
  expect(quantileAt(knots, tails, 1)).toBe(4)
})
