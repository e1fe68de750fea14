import { expect, test } from 'vitest'
import { normalQuantile } from './normal-quantile.ts'

test.each([
  // Table values of the standard normal distribution.
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.001, -3.09023230616781],
  [0.25, -0.674489750196082],
  [1e-10, -6.361340902404056],
  [1e-20, -9.26234008979841],
])('the quantile at %d is %d', (p, z) => {
  expect(normalQuantile(p)).toBeCloseTo(z, 12)
})

test('it is odd around one half and increasing', () => {
  let before = -Infinity
  for (let p = 0.0005; p < 1; p += 0.001) {
    const z = normalQuantile(p)
    expect(z).toBeGreaterThan(before)
    expect(z).toBeCloseTo(-normalQuantile(1 - p), 10)
    before = z
  }
})

test('0 and 1 give the infinities and values outside NaN', () => {
  expect(normalQuantile(0)).toBe(-Infinity)
  expect(normalQuantile(1)).toBe(Infinity)
  expect(normalQuantile(1.1)).toBeNaN()
  expect(normalQuantile(Number.NaN)).toBeNaN()
})
