/** Bad input through the whole server: the status, the envelope that says what was expected, and nothing is lost. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../support/run-command.ts'
import { startServer, type TestServer } from '../support/start-server.ts'
import { type Answer, RestClient } from './rest-client.ts'

const X = ['a,b', '1,2', '3,4', '5,6', '7,8', '2,1', '4,3', '6,5', '8,7'].join('\n')
const Y = ['y', 'u', 'v', 'u', 'v', 'u', 'v', 'u', 'v'].join('\n')
const NUMBERS = ['y', 1, 2, 3, 4, 5, 6, 7, 8].join('\n')
const UNKNOWN = '00000000-0000-4000-8000-000000000000'

let server: TestServer
let client: RestClient

beforeAll(async () => {
  server = await startServer({ env: { POSTERIOR_MAX_UPLOAD_BYTES: '65536' } })
  client = new RestClient(server.url, server.token)
})
afterAll(() => server.stop())

function expectEnvelope({ status, body }: Answer, expected: number, message: RegExp): void {
  expect({ status, body }).toMatchObject({ status: expected })
  expect(body).toMatchObject({
    message: expect.stringMatching(message),
    error_code: expect.stringMatching(/^[A-Z_]+$/),
    code: expect.any(String),
    trace_id: expect.stringMatching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/),
    retryable: expect.any(Boolean),
  })
  expect(body.detail).toBe(body.message)
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts:\d+|at async/)
}

describe('a table that cannot be learned is refused at fit', () => {
  test.each([
    ['a ragged CSV', 'classification', `${X}\n9,9,9`, `${Y}\nu`, /line 10/i],
    ['a CSV without rows', 'classification', 'a,b', 'y', /row/i],
    ['one class only', 'classification', X, Y.replaceAll('v', 'u'), /class/i],
    ['a target with missing values', 'classification', X, Y.replace('\nv', '\n""'), /missing/i],
    ['a target that is not numeric', 'regression', X, Y, /num/i],
    ['features and target of different length', 'classification', X, `${Y}\nu`, /8.*9|9.*8/],
    ['a file that is not text', 'classification', 'a,b\n\u0000\u0001,2', 'y\nu', /.+/],
  ])('%s', async (_, task, x, y, message) => {
    expectEnvelope(await client.fit(task, x, y), 422, message)
  })

  test.each([
    ['that is a truncated Parquet file', parquet().subarray(0, 200)],
    ['that says Parquet and is CSV', new TextEncoder().encode(X)],
  ])('a file %s', async (_, content) => {
    const info = { format: 'parquet' }
    const { body } = await client.post('prepare_train_set_upload', {
      x_train_info: info,
      y_train_info: { format: 'csv' },
    })
    await client.put(body.x_train_info, content)
    await client.put(body.y_train_info, Y)
    const fitted = await client.post('fit', {
      train_set_upload_id: body.train_set_upload_id,
      task: 'classification',
    })
    expectEnvelope(fitted, 422, /parquet/i)
  })
})

/** A valid file, from the fixtures of the reader. */
function parquet(): Uint8Array {
  return readFileSync(join(ROOT, 'packages/tabular/src/formats/fixtures/numpy-array.parquet'))
}

describe('a request that cannot be served', () => {
  test('with more columns at predict than at fit names both counts', async () => {
    const { body } = await client.fit('regression', X, NUMBERS)
    const wide = X.split('\n')
      .map((line, i) => `${line},${i === 0 ? 'c' : 1}`)
      .join('\n')
    expectEnvelope(await client.predict(body.fitted_train_set_id, 'regression', wide, {}), 422, /3.*2|2.*3/)
  })

  test('with an unknown id is not found', async () => {
    expectEnvelope(
      await client.post('fit', { train_set_upload_id: UNKNOWN, task: 'regression' }),
      404,
      /not found/i,
    )
    expectEnvelope(await client.predict(UNKNOWN, 'regression', X, {}), 404, /not found/i)
  })

  test.each([
    ['no', ''],
    ['a wrong', 'wrong-token'],
  ])('with %s token is not authorised', async (_, token) => {
    const stranger = new RestClient(server.url, token)
    expectEnvelope(await stranger.get('/tabpfn/get_model_limits'), 401, /token/i)
  })

  test('with an upload that is not complete says so', async () => {
    const file = { format: 'csv' }
    const { body } = await client.post('prepare_train_set_upload', { x_train_info: file, y_train_info: file })
    await client.put(body.x_train_info, X)
    const fitted = await client.post('fit', {
      train_set_upload_id: body.train_set_upload_id,
      task: 'regression',
    })
    expect([404, 422]).toContain(fitted.status)
    expectEnvelope(fitted, fitted.status, /y_train.*0 of 1 parts/)
    // Nothing is lost: the missing part may still come.
    expect((await client.put(body.y_train_info, NUMBERS)).status).toBe(200)
    expect(
      await client.post('fit', { train_set_upload_id: body.train_set_upload_id, task: 'regression' }),
    ).toMatchObject({
      status: 200,
    })
  })

  test('with an upload over the limit is cut off', async () => {
    const file = { format: 'csv' }
    const { body } = await client.post('prepare_train_set_upload', { x_train_info: file, y_train_info: file })
    expectEnvelope(await client.put(body.x_train_info, 'a\n'.repeat(40_000)), 413, /65.?536|limit|large/i)
  })

  test('with an unknown task or field names the field', async () => {
    const answer = await client.post('fit', { train_set_upload_id: UNKNOWN, task: 'clustering' })
    expectEnvelope(answer, 422, /task/)
    expect(answer.body.errors).toEqual([expect.objectContaining({ field: expect.stringContaining('task') })])
  })
})
