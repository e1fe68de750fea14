import { expect, test } from 'vitest'
import { AppError } from '../app-error.ts'
import type { ModelInfo } from '../ports/predictor.ts'
import { fingerprint } from './fingerprint.ts'
import { chooseModel, ensembleOptions, givenFields, outputOptions } from './fit-config.ts'

const models: ModelInfo[] = [
  { name: 'first', version: '1', tasks: ['regression'] },
  { name: 'second', version: '1', tasks: ['regression', 'classification'] },
]
const choose = (model_path: string | null, task: 'classification' | 'regression' = 'regression') =>
  chooseModel({ model_path }, { task, models, field: 'tabpfn_config' }).name

test('the default model is the first that can do the task', () => {
  expect(choose(null)).toBe('first')
  expect(choose('auto', 'classification')).toBe('second')
  expect(choose('v2.5_default', 'classification')).toBe('second')
})

test('a model is chosen by name, and an unknown one is refused with the names that exist', () => {
  expect(choose('second')).toBe('second')
  expect(() => choose('first', 'classification')).toThrow(/"first" is not a model for classification.*second/)
  expect(() => choose('tabpfn-v2-classifier-x.ckpt')).toThrow(AppError)
})

test('without any model for the task the server is not ready', () => {
  expect(() => chooseModel({}, { task: 'regression', models: [], field: 'c' })).toThrow(
    expect.objectContaining({ code: 'NOT_READY' }),
  )
})

test('nulls are not given; false and 0 are', () => {
  const config = { n_estimators: null, random_state: 0, average_before_softmax: false }
  expect(givenFields(config)).toEqual({ random_state: 0, average_before_softmax: false })
  expect(givenFields(null)).toEqual({})
})

test('columns are taken as a set, so that their order makes no other fit', () => {
  const options = ensembleOptions({ categorical_features_indices: [3, 1, 3] })
  expect(options).toEqual({ categoricalColumns: [1, 3], ignoreTrainedRange: true })
})

test('output settings that are not given are left to the engine', () => {
  expect(outputOptions({ softmax_temperature: 1.1 })).toEqual({ softmaxTemperature: 1.1 })
})

test('a fingerprint does not depend on the order of keys and does on every value', () => {
  expect(fingerprint({ a: 1, b: [1, { c: null }] })).toBe(fingerprint({ b: [1, { c: null }], a: 1 }))
  expect(fingerprint({ a: 1 })).not.toBe(fingerprint({ a: '1' }))
  expect(fingerprint({ a: [1, 2] })).not.toBe(fingerprint({ a: [2, 1] }))
  expect(fingerprint({ a: 1, b: undefined })).toBe(fingerprint({ a: 1 }))
})
