import { expect, test } from 'vitest'
import { inverseYeoJohnson, yeoJohnson } from './power.ts'

test('hand-worked powers: lambda 1 is the identity, 0 the logarithm, 2 its mirror image', () => {
  for (const u of [-3, -0.5, 0, 0.5, 3]) expect(yeoJohnson(u, 1)).toBeCloseTo(u, 12)
  expect(yeoJohnson(3, 0)).toBeCloseTo(Math.log(4), 12)
  expect(yeoJohnson(-3, 2)).toBeCloseTo(-Math.log(4), 12)
  expect(yeoJohnson(3, 2)).toBeCloseTo(7.5, 12)
})

test('the inverse power undoes the power on both sides of zero', () => {
  for (const lambda of [-2, -0.5, 0, 1e-12, 0.5, 1, 2, 3.5]) {
    for (const u of [-20, -1, -1e-6, 0, 1e-6, 1, 20]) {
      expect(inverseYeoJohnson(yeoJohnson(u, lambda), lambda)).toBeCloseTo(u, 6)
    }
  }
})
