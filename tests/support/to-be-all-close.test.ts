import { expect, test } from 'vitest'
import './to-be-all-close.ts'

test('close numbers pass at any depth, and typed arrays count as arrays', () => {
  expect([[1, Number.NaN], [Infinity]]).toBeAllClose([[1 + 1e-9, Number.NaN], [Infinity]])
  expect(Float32Array.of(0.1, 0.2)).toBeAllClose([0.1, 0.2])
  expect(100).toBeAllClose(101, { rtol: 0.01 })
})

test.each([
  [[1, 2], [1, 2.1], /Expected 2.1 at \[1\], got 2/],
  [[1], [1, 2], /Expected 2 entries at the value, got 1/],
  [[Number.NaN], [0], /Expected 0 at \[0\], got NaN/],
  [[0], [Number.NaN], /Expected NaN at \[0\], got 0/],
  [[Infinity], [1], /got Infinity/],
  [[1], [Infinity], /got 1/],
  [[[1]], [1], /Expected a number at \[0\], got 1 entries/],
])('%j is not close to %j', (received, expected, message) => {
  expect(() => expect(received).toBeAllClose(expected)).toThrow(message)
})
