import { brainInputsSchema } from '@posterior/contracts'
import type { ModelManifest } from '@posterior/model'
import { priorSizes, seriesRow } from '@posterior/prior'
import { type SeriesLayout, writeLagRow } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { brainInputsOf } from './brain-inputs.ts'

function inputsOf(prior: string, overrides = {}) {
  const { task, rows, columns, classes, inputs } = priorSizes(prior, overrides)
  const trainedRange = { rows, columns, classes }
  return brainInputsSchema.parse(
    brainInputsOf({ tasks: [task], trainedRange, inputs } as unknown as ModelManifest),
  )
}

test('rows are as wide as those that the model was trained with', () => {
  expect(inputsOf('logistic-interactions', { dim: 6 })).toEqual({
    ...{ kind: 'rows', task: 'classification', d_in: 6, columns: [6, 6], model_columns: [6, 6] },
    ...{ rows: [12, 360], classes: [2, 2], lags: null, season: null, groups: null },
  })
  expect(inputsOf('logistic-interactions')).toMatchObject({ d_in: null, columns: [3, 12] })
})

test('the width that callers see is not always that of the model', () => {
  expect(inputsOf('hierarchical-normal')).toMatchObject({
    ...{ kind: 'groups', task: 'regression', d_in: 1, model_columns: [1, 1], groups: 20 },
  })
  expect(inputsOf('calendar-forecast')).toMatchObject({
    ...{ kind: 'calendar', task: 'time_series', d_in: 1, model_columns: [6, 6], lags: null, season: [4, 24] },
  })
  expect(inputsOf('coin-flip')).toMatchObject({ kind: 'flips', task: 'classification', d_in: 1 })
  expect(inputsOf('sine-wave')).toMatchObject({
    ...{ kind: 'series', task: 'time_series', d_in: 11, lags: [8, 8], season: [12, 12] },
  })
})

test('a model without a word about inputs takes rows', () => {
  const manifest = { tasks: ['regression'], trainedRange: { rows: [2, 9], columns: [2, 3], classes: [0, 0] } }
  expect(brainInputsOf(manifest as unknown as ModelManifest)).toMatchObject({ kind: 'rows', d_in: null })
})

test('a series is asked about in the rows that the priors of series are packed in', () => {
  const z = Float64Array.from({ length: 30 }, (_, i) => Math.sin(i))
  const layout: SeriesLayout = { lags: 8, season: 12, length: 42, beforeStart: 0 }
  for (const step of [0, 3, 12, 29]) {
    const row = new Float64Array(11)
    writeLagRow(z, step, layout, row, 0)
    const packed = seriesRow(z, step, 42, { lags: 8, season: 12 })
    for (const [j, value] of packed.entries()) expect(row[j]).toBeCloseTo(value, 12)
  }
})
