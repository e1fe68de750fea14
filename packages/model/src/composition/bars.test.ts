import { expect, test } from 'vitest'
import { barBorders, quantilesOfBars } from './bars.ts'

test('buckets are narrow in the middle, symmetric, and reach 8 standard deviations', () => {
  const borders = barBorders(100)
  expect([borders[0], borders[50], borders[100]].map((b) => Math.round(b! * 1e9) / 1e9)).toEqual([-8, 0, 8])
  expect(borders[51]! - borders[50]!).toBeLessThan(0.06)
  expect(borders[100]! - borders[99]!).toBeGreaterThan(0.4)
})

test('quantiles of bars invert their distribution function', () => {
  const borders = barBorders(10)
  const even = Float32Array.from({ length: 10 }, () => 0.1)
  const one = Float32Array.from({ length: 10 }, (_, k) => (k === 7 ? 1 : 0))
  const quantiles = quantilesOfBars(Float32Array.from([...even, ...one]), 10)
  expect(quantiles[127]).toBeCloseTo(0, 5)
  // Level 25.5 / 255 = 0.1: the first bucket is used up.
  expect(quantiles[25]).toBeCloseTo(borders[1]!, 5)
  expect(quantiles[255]!).toBeCloseTo(borders[7]! + (borders[8]! - borders[7]!) / 510, 5)
  expect(quantiles[509]!).toBeCloseTo(borders[8]! - (borders[8]! - borders[7]!) / 510, 5)
  for (let k = 1; k < 255; k++) expect(quantiles[k]!).toBeGreaterThan(quantiles[k - 1]!)
})
