import { expect, test } from 'vitest'
import { RandomState } from './mt19937.ts'

// Literals from numpy 2.4: RandomState(seed)._bit_generator.random_raw() and .permutation().

test('the raw stream is that of numpy', () => {
  const random = new RandomState(0)
  expect([random.nextUint32(), random.nextUint32(), random.nextUint32()]).toEqual([
    2357136044, 2546248239, 3071714933,
  ])
})

test('the stream continues across the twist', () => {
  const random = new RandomState(5489)
  for (let i = 0; i < 623; i++) random.nextUint32()
  expect([random.nextUint32(), random.nextUint32(), random.nextUint32()]).toEqual([
    4020325887, 4178893912, 610818241,
  ])
})

test.each([
  [0, [6, 11, 4, 10, 2, 8, 1, 7, 9, 3, 0, 5]],
  [1, [2, 3, 4, 10, 1, 6, 0, 7, 11, 9, 8, 5]],
  [7, [7, 10, 2, 5, 0, 1, 11, 8, 3, 6, 9, 4]],
  [4294967295, [11, 8, 5, 9, 1, 10, 6, 0, 4, 7, 2, 3]],
])('a permutation from seed %d is that of numpy', (seed, expected) => {
  expect([...new RandomState(seed).permutation(12)]).toEqual(expected)
})

test('a permutation of 2,000 is that of numpy', () => {
  const order = new RandomState(3).permutation(2000)
  expect([...order.slice(0, 5), ...order.slice(-5)]).toEqual([
    933, 1459, 1338, 1802, 263, 952, 1667, 1273, 1688, 1898,
  ])
  expect(order.reduce((sum, value, i) => sum + value * i, 0)).toBe(2005857476)
})

test('a seed outside 32 bits is refused', () => {
  expect(() => new RandomState(-1)).toThrow(RangeError)
  expect(() => new RandomState(2 ** 32)).toThrow(RangeError)
})
