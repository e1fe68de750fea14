import { estimateCostResponseSchema } from '@posterior/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const quote = (body: unknown) => server.call('POST', '/tabpfn/estimate_cost', { body })

test('a quote names the price, the price list and the request with its defaults', async () => {
  const answer = await quote({ train_rows: 22_183, test_rows: 2_407, raw_columns: 11, operation: 'predict' })
  expect(answer.status).toBe(200)
  expect(estimateCostResponseSchema.parse(answer.json)).toEqual({
    estimated_cost: 10_000,
    pricing_version: 'quota_v3',
    inputs: {
      train_rows: 22_183,
      test_rows: 2_407,
      raw_columns: 11,
      operation: 'predict',
      model_version: 'v3',
      n_estimators: 8,
      thinking_effort: null,
    },
  })
})

test('v2 models are quoted by their published formula', async () => {
  const size = { train_rows: 1000, test_rows: 500, raw_columns: 20, operation: 'predict' }
  const { json } = await quote({ ...size, model_version: 'v2.5', n_estimators: 4 })
  expect(json).toMatchObject({ estimated_cost: 120_000, pricing_version: 'legacy_v2' })
})

test('a thinking fit is quoted without rows to predict', async () => {
  const body = { train_rows: 80, raw_columns: 4, operation: 'thinking_fit', thinking_effort: 'high' }
  const { json } = await quote(body)
  expect(json).toMatchObject({ estimated_cost: 200_000, inputs: { test_rows: 0, thinking_effort: 'high' } })
})

test('the largest sizes that are accepted have an exact price', async () => {
  const size = { train_rows: 100_000_000, test_rows: 100_000_000, raw_columns: 50_000, n_estimators: 32 }
  const { status, json } = await quote({ ...size, operation: 'predict', model_version: 'v2' })
  expect([status, json.estimated_cost]).toEqual([200, 320_000_000_000_000])
})

test.each([
  ['train_rows', { test_rows: 1, raw_columns: 1 }],
  ['raw_columns', { train_rows: 1, raw_columns: 0 }],
  ['operation', { train_rows: 1, raw_columns: 1, operation: 'fit' }],
  ['n_estimators', { train_rows: 1, raw_columns: 1, n_estimators: 1.5 }],
])('a quote with a bad %s is refused by that name', async (field, body) => {
  const { status, json } = await quote(body)
  expect([status, json.errors.map((error: { field: string }) => error.field)]).toEqual([422, [field]])
})
