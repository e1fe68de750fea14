import type { Prediction } from '@posterior/engine'
import type { Column } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { formatScores, scorePrediction } from './score-prediction.ts'

const floats = (...values: number[]) => Float64Array.from(values)

/** The parts of a prediction that scoring reads. */
function prediction(parts: object): Prediction {
  return parts as Prediction
}

const LABELS: Column = {
  kind: 'string',
  name: 'y',
  levels: ['yes', 'no', 'new'],
  codes: Int32Array.of(0, 1, 2, -1),
}
const PROBABILITIES = prediction({
  output: 'probas',
  classes: ['no', 'yes'],
  probabilities: floats(0.1, 0.9, 0.8, 0.2, 0.5, 0.5, 0, 1),
})

test('rows without a true label are left out, and a label that the fit did not see is wrong', () => {
  const scores = scorePrediction(PROBABILITIES, LABELS)
  expect(scores.auc).toBe(1)
  expect(scores.accuracy).toBeCloseTo(2 / 3)
  expect(scores.logloss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.8)) / 2, 5)
})

test('labels alone are scored by accuracy', () => {
  const labels = prediction({ output: 'preds', labels: ['yes', 'yes', 'no', 'no'] })
  expect(scorePrediction(labels, LABELS)).toEqual({ accuracy: 1 / 3 })
})

test('the mean is scored by squares and the median by distances, over known values', () => {
  const truth: Column = { kind: 'number', name: 'y', integer: false, values: floats(1, 2, 4, Number.NaN) }
  const main = prediction({
    output: 'main',
    mean: floats(1, 2, 3, 9),
    median: floats(2, 2, 4, 9),
    mode: floats(0, 0, 0, 0),
    levels: [0.5],
    quantiles: [floats(2, 2, 4, 9)],
  })
  const scores = scorePrediction(main, truth)
  expect(scores.rmse).toBeCloseTo(Math.sqrt(1 / 3))
  expect(scores.mae).toBeCloseTo(1 / 3)
  expect(scores.r2).toBeCloseTo(1 - 1 / (14 / 3))
  expect(scores.crps).toBeCloseTo(1 / 3)
})

test('nothing is said when no true value is known, or when a metric is not defined', () => {
  const unknown: Column = { ...LABELS, codes: Int32Array.of(-1, -1, -1, -1) }
  expect(formatScores(scorePrediction(PROBABILITIES, unknown))).toBeUndefined()
  expect(formatScores({ auc: Number.NaN, accuracy: 0.5 })).toBe('accuracy 0.5')
})
