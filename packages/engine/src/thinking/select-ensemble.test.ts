import { expect, test } from 'vitest'
import { type SelectionInput, selectEnsemble } from './select-ensemble.ts'

/** Squared error against zeros: errors of opposite sign cancel in an average. */
const loss = (prediction: Float64Array) => prediction.reduce((sum, value) => sum + value ** 2, 0)

const select = (rows: number[][], rest: Partial<SelectionInput> = {}) =>
  selectEnsemble({
    candidates: rows.map((row) => Float64Array.from(row)),
    loss,
    costs: rows.map(() => 1),
    maxCost: 10,
    maxSteps: 12,
    ...rest,
  })

test('candidates whose errors cancel are blended, one twice as much where that is best', () => {
  expect(
    select([
      [1, 1],
      [-1, -1],
    ]),
  ).toMatchObject({ counts: [1, 1], loss: 0, baselineLoss: 2 })
  expect(
    select([
      [3, 3],
      [2, 0],
      [-1, 0],
    ]),
  ).toMatchObject({ counts: [0, 1, 2], loss: 0 })
})

test('the default wins ties, and stays when nothing is better', () => {
  expect(
    select(
      [
        [1, 0],
        [0, 1],
        [1, 0],
      ],
      { maxSteps: 1 },
    ).counts,
  ).toEqual([1, 0, 0])
  expect(
    select([
      [0.5, 0],
      [2, 3],
    ]),
  ).toMatchObject({ counts: [1, 0], loss: 0.25, baselineLoss: 0.25 })
})

test('a loss without a value is worse than any number', () => {
  const strange = (prediction: Float64Array) => (prediction[0]! > 0.7 ? Number.NaN : prediction[0]!)
  expect(select([[1], [0.5]], { loss: strange, maxSteps: 3 }).counts).toEqual([0, 1])
  const nothing = select([[1], [2]], { loss: () => Number.NaN })
  expect(nothing.counts).toEqual([1, 0])
  expect(nothing.baselineLoss).toBeNaN()
})

test('distinct candidates never cost more than allowed, except the default alone', () => {
  const rows = [
    [1, 1],
    [-1, -1],
    [0.1, 0.1],
  ]
  const { counts } = select(rows, { costs: [4, 4, 4], maxCost: 4 })
  expect(counts.filter((count) => count > 0)).toHaveLength(1)
  expect(select(rows, { costs: [40, 40, 40], maxCost: 32 }).counts).toEqual([1, 0, 0])
})

test('when time is up what was found so far is the result', () => {
  let calls = 0
  const rows = [
    [3, 3],
    [2, 0],
    [-1, 0],
  ]
  const stopped = select(rows, { isTimeUp: () => ++calls > 3 })
  expect(stopped).toMatchObject({ counts: [0, 0, 1], loss: 1 })
  expect(select(rows, { isTimeUp: () => true })).toMatchObject({ counts: [1, 0, 0], loss: 18 })
})
