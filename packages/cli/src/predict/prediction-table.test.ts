import type { Prediction } from '@posterior/engine'
import { expect, test } from 'vitest'
import { mostProbable, predictionTable } from './prediction-table.ts'

const INFO = {
  rowCount: 2,
  columnCount: 1,
  model: { id: 'm', checksum: '' },
  options: {
    estimators: 1,
    randomState: 0,
    categoricalColumns: null,
    ignoreTrainedRange: false,
    softmaxTemperature: 1,
    averageBeforeSoftmax: false,
    balanceProbabilities: false,
  },
  cache: 'miss',
  warnings: [],
  timingsMs: {},
} as const

const floats = (...values: number[]) => Float64Array.from(values)
const namesOf = (prediction: Prediction) => predictionTable(prediction).columns.map(({ name }) => name)

test('probabilities become a prediction and one column per class, in class order', () => {
  const probabilities = floats(0.2, 0.8, 0.6, 0.4)
  const table = predictionTable({ ...INFO, output: 'probas', classes: ['no', 'yes'], probabilities })
  expect(table.rowCount).toBe(2)
  expect(table.columns).toEqual([
    { kind: 'string', name: 'prediction', levels: ['yes', 'no'], codes: Int32Array.of(0, 1) },
    { kind: 'number', name: 'probability_no', values: floats(0.2, 0.6), integer: false },
    { kind: 'number', name: 'probability_yes', values: floats(0.8, 0.4), integer: false },
  ])
})

test('labels keep the type of the training labels', () => {
  const numbers = predictionTable({ ...INFO, output: 'preds', classes: [1, 2], labels: [2, 1] })
  expect(numbers.columns).toEqual([
    { kind: 'number', name: 'prediction', values: floats(2, 1), integer: true },
  ])
  const booleans = predictionTable({
    ...INFO,
    output: 'preds',
    classes: [false, true],
    labels: [true, false],
  })
  expect(booleans.columns).toEqual([{ kind: 'boolean', name: 'prediction', values: Uint8Array.of(1, 0) }])
})

test('of equally probable classes the first wins', () => {
  expect(mostProbable(['a', 'b', 'c'], floats(0.4, 0.4, 0.2, 0.1, 0.45, 0.45))).toEqual(['a', 'b'])
})

test('regression writes the mean as the prediction, then median, mode and quantiles', () => {
  const point = floats(1, 2)
  const shared = { ...INFO, levels: [0.1, 0.9], quantiles: [floats(0, 1), floats(2, 3)] }
  expect(namesOf({ ...shared, output: 'main', mean: point, median: point, mode: point })).toEqual([
    'prediction',
    'median',
    'mode',
    'quantile_0.1',
    'quantile_0.9',
  ])
  expect(namesOf({ ...shared, output: 'quantiles' })).toEqual(['quantile_0.1', 'quantile_0.9'])
  expect(namesOf({ ...INFO, output: 'median', values: point })).toEqual(['prediction'])
})
