import { expect, test } from 'vitest'
import { priorLogLoss, priorRmse } from './prior-baseline.ts'

const SPLIT = { train: Int32Array.of(0, 1, 2, 3), test: Int32Array.of(4, 5) }

test('the RMSE is that of the mean of the training rows', () => {
  expect(priorRmse(Float64Array.of(0, 2, 4, 6, 4, 1), SPLIT)).toBeCloseTo(Math.sqrt((1 + 4) / 2))
})

test('the log loss is that of the class shares of the training rows, clipped for a class they lack', () => {
  expect(priorLogLoss(['a', 'a', 'a', 'b', 'a', 'b'], SPLIT)).toBeCloseTo(
    -(Math.log(0.75) + Math.log(0.25)) / 2,
  )
  expect(priorLogLoss(['a', 'a', 'a', 'a', 'a', 'b'], SPLIT)).toBeCloseTo(-Math.log(1e-6) / 2)
})
