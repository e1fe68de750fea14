/** The Predict API over the real engine, with random weights. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EngineServer, startEngineServer } from './testing/engine-server.ts'

let server: EngineServer

beforeAll(async () => {
  server = await startEngineServer({ models: [{}, { name: 'numbers', seed: 2, tasks: ['regression'] }] })
})
afterAll(() => server.close())

const ask = (body: unknown, model = 'tiny') => server.call('POST', `/models/${model}/predict`, { body })

const x = Array.from({ length: 20 }, (_, i) => [i, i % 3 === 0 ? null : i % 5])
const y = x.map(([i], row) => 2 * i! + (row % 2))

test('a regression, a classification and a forecast are answered, the same each time', async () => {
  const query = {
    x: [
      [1.5, 2],
      [30, null],
    ],
  }
  const numbers = await ask({ context: { x, y }, query, distribution: true, n_estimators: 2 })
  expect([numbers.status, numbers.json.predictions.length]).toEqual([200, 2])
  expect(numbers.json.lower[0]).toBeLessThan(numbers.json.upper[0])
  expect(numbers.json.distribution.borders.length - 1).toBe(numbers.json.distribution.logits[1].length)
  const again = await ask({ context: { x, y }, query, distribution: true, n_estimators: 2 })
  expect(again.json).toEqual(numbers.json)

  const labels = y.map((value) => (value > 20 ? 12 : value > 10 ? 0 : -4))
  const classes = await ask({ context: { x, labels }, query })
  expect(classes.json.classes).toEqual([-4, 0, 12])
  expect(classes.json.classes).toContain(classes.json.predictions[0])
  expect(classes.json.probabilities[0].reduce((sum: number, p: number) => sum + p, 0)).toBeCloseTo(1, 6)

  const series = await ask({ context: { y }, horizon: 4, season: 4, lags: 5 })
  expect(series.json).toMatchObject({ season: 4, lags: 5, query_size: 4 })
  expect(series.json.predictions).toHaveLength(4)
})

test('what the engine refuses names the field of the question', async () => {
  const query = { x: [[1]] }
  const one = await ask({ context: { x: [[1], [2]], labels: [3, 3] }, query })
  expect([one.status, one.json.error_code]).toEqual([422, 'ONE_CLASS'])
  expect(one.json.error).toContain('context.labels')
  const short = await ask({ context: { y: [1, 2] }, horizon: 2 })
  expect([short.status, short.json.errors[0].field]).toEqual([422, 'context'])
  const other = await ask({ context: { x: [[1], [2]], labels: [3, 4] }, query }, 'numbers')
  expect([other.status, other.json.errors[0].field]).toEqual([422, 'model'])
})
