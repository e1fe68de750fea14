import { expect, test } from 'vitest'
import { dealFolds, FOLDS, NEVER_HELD_OUT, rowsOfFold } from './folds.ts'

const labels = Int32Array.from({ length: 103 }, (_, i) => (i % 10 === 0 ? 1 : i === 51 ? 2 : 0))

test('each class is dealt evenly, and fold sizes differ by one row at most', () => {
  const folds = dealFolds(labels, 0)
  const count = (fold: number, label?: number) =>
    folds.filter((own, row) => own === fold && (label === undefined || labels[row] === label)).length
  const sizes = Array.from({ length: FOLDS }, (_, fold) => count(fold))
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  for (const label of [0, 1]) {
    const own = Array.from({ length: FOLDS }, (_, fold) => count(fold, label))
    expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1)
  }
})

test('the only row of a class is in every training part, and two rows never leave at once', () => {
  expect(dealFolds(labels, 0)[51]).toBe(NEVER_HELD_OUT)
  const pair = Int32Array.of(0, 0, 0, 0, 0, 1, 1)
  for (let seed = 0; seed < 20; seed++) {
    const folds = dealFolds(pair, seed)
    for (let fold = 0; fold < FOLDS; fold++)
      expect(rowsOfFold(folds, fold).train.some((row) => pair[row] === 1)).toBe(true)
  }
})

test('numbers are dealt by the seed alone, and every row is held out once', () => {
  const numbers = new Float64Array(23)
  const folds = dealFolds(numbers, 1)
  expect(
    dealFolds(
      Float64Array.from({ length: 23 }, (_, i) => i),
      1,
    ),
  ).toEqual(folds)
  expect(dealFolds(numbers, 2)).not.toEqual(folds)
  const held = Array.from({ length: FOLDS }, (_, fold) => rowsOfFold(folds, fold).held).flat()
  expect(held.sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, i) => i))
})
