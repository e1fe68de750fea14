import { expect, test } from 'vitest'
import { RandomState } from './mt19937.ts'
import { approximateMode, datasetSplit, shuffleSplit, stratifiedSplit } from './splits.ts'

// Literals from scikit-learn's train_test_split and _approximate_mode.

const LETTERS = [...'bacabcabbacbbabacdda']

test('a plain split is that of scikit-learn', () => {
  const { train, test } = shuffleSplit(15, { train: 10, test: 5 }, 2)
  expect([...train]).toEqual([3, 1, 10, 7, 12, 2, 6, 14, 13, 8])
  expect([...test]).toEqual([11, 4, 5, 0, 9])
})

test.each([
  [0, [3, 13, 4, 17, 19, 10, 5, 0, 6, 11, 16, 8, 14], [2, 1, 12, 15, 18, 7, 9]],
  [1, [11, 15, 10, 6, 8, 16, 4, 19, 2, 17, 7, 1, 3], [18, 13, 14, 0, 5, 9, 12]],
  [2, [5, 10, 0, 13, 8, 3, 19, 16, 12, 17, 11, 14, 6], [18, 9, 15, 2, 1, 4, 7]],
])('a stratified split from seed %d is that of scikit-learn', (seed, expectedTrain, expectedTest) => {
  const { train, test } = stratifiedSplit(LETTERS, { train: 13, test: 7 }, seed)
  expect([...train]).toEqual(expectedTrain)
  expect([...test]).toEqual(expectedTest)
})

test('a capped stratified split takes the test by its seed and the training rows by seed 0', () => {
  const labels = Array.from({ length: 60 }, (_, i) => String((i * i) % 7))
  const { train, test } = datasetSplit(labels, { train: 20, test: 10 }, 1)
  expect([...train]).toEqual([18, 3, 48, 20, 40, 45, 16, 39, 31, 28, 47, 11, 29, 19, 13, 41, 54, 7, 42, 30])
  expect([...test]).toEqual([35, 44, 6, 1, 2, 57, 5, 10, 17, 52])
})

test('a capped plain split takes the test by its seed and the training rows by seed 0', () => {
  const { train, test } = datasetSplit(60, { train: 20, test: 10 }, 1)
  expect([...train]).toEqual([36, 38, 16, 37, 53, 17, 7, 23, 21, 34, 45, 51, 13, 19, 1, 8, 3, 24, 12, 11])
  expect([...test]).toEqual([39, 41, 2, 48, 50, 44, 33, 35, 40, 27])
})

test('class counts keep the proportions and ties are broken by the generator', () => {
  expect(approximateMode([4, 4, 4, 4], 6, new RandomState(0))).toEqual([1, 1, 2, 2])
  expect(approximateMode([2, 2, 2, 1], 4, new RandomState(42))).toEqual([1, 1, 1, 1])
})

test('sizes that do not fit the rows are refused', () => {
  expect(() => shuffleSplit(10, { train: 8, test: 3 }, 0)).toThrow(/between 2 and 10/)
})
