import { expect, test } from 'vitest'
import { normalQuantile } from '../preprocess/normal-quantile.ts'
import { normalCdf } from './normal-cdf.ts'

test('known values, tails included', () => {
  // scipy.stats.norm.cdf
  const known: [number, number][] = [
    [-10, 7.61985302416047e-24],
    [-5, 2.866515718791933e-7],
    [-1, 0.15865525393145707],
    [0, 0.5],
    [1, 0.8413447460685429],
    [5, 0.9999997133484281],
  ]
  for (const [x, p] of known) expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThan(1e-12)
  expect([normalCdf(-50), normalCdf(50)]).toEqual([0, 1])
  expect(normalCdf(Number.NaN)).toBeNaN()
})

test('it undoes the normal quantile', () => {
  for (const p of [1e-7, 1e-3, 0.2, 0.5, 0.77, 0.999, 1 - 1e-7]) {
    expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1)).toBeLessThan(1e-11)
  }
})
