import { setTimeout as delay } from 'node:timers/promises'
import type { PredictMetadata } from '@posterior/contracts'
import { expect, test } from 'vitest'
import type { PredictionValues } from '../../domain/ports/predictor.ts'
import { predictionJson } from './prediction-json.ts'

const metadata: PredictMetadata = {
  task: 'regression',
  package_version: '1',
  tabpfn_config: {},
  test_set_num_rows: 1,
  test_set_num_cols: 1,
  n_estimators: 1,
  model: 'm',
  warnings: [],
}

async function write(values: PredictionValues) {
  const pieces: string[] = []
  for await (const piece of predictionJson(values, { metadata })) pieces.push(piece)
  return { pieces, json: JSON.parse(pieces.join('')) }
}

const numbers = (length: number) => Float64Array.from({ length }, (_, i) => (i - 3) / 7)

test('a large matrix is written in many pieces that join to the same numbers', async () => {
  const probabilities = numbers(30_000)
  const { pieces, json } = await write({ output: 'probas', classes: ['a', 'b', 'c'], probabilities })
  expect(pieces.length).toBeGreaterThan(5)
  expect(json.prediction).toHaveLength(10_000)
  expect(json.prediction.flat()).toEqual([...probabilities])
  expect(json.metadata).toEqual(metadata)
})

test.each([1, 4_095, 4_096, 4_097, 8_192])('%i numbers are written as they are', async (length) => {
  const values = numbers(length)
  expect((await write({ output: 'mean', values })).json.prediction).toEqual([...values])
})

test('labels keep their type and are escaped', async () => {
  const labels = ['a "b"', '\u2028', 3, true, '7']
  expect((await write({ output: 'preds', labels })).json.prediction).toEqual(labels)
})

test('numbers that JavaScript prints with an exponent stay JSON', async () => {
  const values = Float64Array.of(1e-300, 1e300, -0, 5e-324)
  expect((await write({ output: 'mode', values })).json.prediction).toEqual([1e-300, 1e300, 0, 5e-324])
})

test('a full prediction has all its parts', async () => {
  const [mean, median, mode] = [numbers(2), numbers(2), numbers(2)]
  const values: PredictionValues = {
    output: 'full',
    mean,
    median,
    mode,
    quantiles: [numbers(2), numbers(2), numbers(2)],
    logits: numbers(8),
    borders: numbers(5),
  }
  const { prediction } = (await write(values)).json
  expect(prediction.logits).toEqual([[...numbers(8).subarray(0, 4)], [...numbers(8).subarray(4)]])
  expect(prediction.quantiles).toHaveLength(3)
  expect(prediction.borders).toEqual([...numbers(5)])
})

test('others get their turn while a large answer is written', async () => {
  let turns = 0
  const writing = write({ output: 'mean', values: numbers(400_000) })
  for (let isDone = false; !isDone; turns++) {
    isDone = await Promise.race([writing.then(() => true), delay(0, false)])
  }
  expect(turns).toBeGreaterThan(10)
})
