/** A prediction is charged once, however often it is sent, and only when it is answered. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppError } from '../domain/app-error.ts'
import { crc32c, encodeCrc32c } from '../domain/uploads/crc32c.ts'
import { FakePredictor } from '../testing/fake-predictor.ts'
import { FLOOR, MeteredServer, QUOTA_REFUSAL, ROWS, refusal } from '../testing/metered-server.ts'
import { put, until } from '../testing/test-server.ts'

const metered = new MeteredServer()
const { start, customer } = metered

beforeEach(() => metered.prepare())
afterEach(() => metered.finish())

test('predictions that run at the same time cannot use more than there is', async () => {
  metered.predictor = new FakePredictor({ predictMs: 20 })
  const alice = await customer(await start({ POSTERIOR_DAILY_TOKENS: '30000' }), 'alice')
  const sets = await Promise.all(Array.from({ length: 8 }, () => alice.newRows()))
  const answers = await Promise.all(sets.map((rows) => alice.predict({ rows })))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429, 429, 429, 429])
  expect(await alice.used()).toBe(30_000)
})

test('the same prediction sent again is charged once, however often it is sent', async () => {
  const alice = await customer(await start({ POSTERIOR_DAILY_TOKENS: '10000' }), 'alice')
  expect((await alice.predict()).status).toBe(200)
  for (const minute of [1, 5, 16]) {
    metered.now = Date.parse('2026-11-22T12:00:00Z') + minute * 60_000
    expect((await alice.predict()).status).toBe(200)
  }
  expect(await alice.used()).toBe(FLOOR)
  // Another output of the same rows is another prediction.
  expect(refusal(await alice.predict({ output: 'preds' }))).toEqual(QUOTA_REFUSAL)
})

test('the same prediction is a new one after the time in which clients send again', async () => {
  const alice = await customer(await start(), 'alice')
  await alice.predict()
  metered.now += 21 * 60_000
  await alice.predict()
  expect(await alice.used()).toBe(2 * FLOOR)
})

test('the same prediction is a new one when its rows were prepared again, as clients do before each', async () => {
  const alice = await customer(await start(), 'alice')
  const bytes = new TextEncoder().encode(ROWS)
  const file = { format: 'csv', hash: encodeCrc32c(crc32c(bytes)), size_bytes: bytes.length }
  const prepare = () =>
    alice.call('POST', '/tabpfn/prepare_test_set_upload', {
      fitted_train_set_id: alice.fit,
      x_test_info: file,
    })
  const { json } = await prepare()
  await put(json.x_test_info.signed_urls[0], ROWS)
  for (const expected of [1, 2]) {
    const again = await prepare()
    expect([again.status, again.json.test_set_upload_id]).toEqual([409, json.test_set_upload_id])
    await alice.predict({ rows: json.test_set_upload_id })
    await alice.predict({ rows: json.test_set_upload_id })
    expect(await alice.used()).toBe(expected * FLOOR)
  }
})

test('the same prediction twice at the same time is charged once', async () => {
  metered.predictor = new FakePredictor({ predictMs: 20 })
  const alice = await customer(await start({ POSTERIOR_DAILY_TOKENS: '10000' }), 'alice')
  const answers = await Promise.all([alice.predict(), alice.predict(), alice.predict()])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await alice.used()).toBe(FLOOR)
})

test('a prediction that fails costs nothing', async () => {
  const alice = await customer(await start(), 'alice')
  const tooWide = await alice.newRows('a,b,c\n1,2,3\n')
  expect((await alice.predict({ rows: tooWide })).json.error_code).toBe('WRONG_COLUMNS')
  metered.predictor.failure = new AppError('ENGINE_FAILED')
  expect((await alice.predict()).status).toBe(503)
  expect(await alice.used()).toBe(0)
})

test('a prediction whose caller hangs up costs nothing, and nothing more when it is sent again', async () => {
  const running = await start()
  const alice = await customer(running, 'alice')
  metered.predictor.options = { predictMs: 600_000 }
  const gone = new AbortController()
  const body = { fitted_train_set_id: alice.fit, test_set_upload_id: alice.rows, task_config: {} }
  const lost = fetch(new URL('/tabpfn/predict', running.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${alice.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: gone.signal,
  })
  await until(async () => (await alice.used()) === FLOOR)
  gone.abort()
  await expect(lost).rejects.toThrow()
  await until(async () => (await alice.used()) === 0)
  metered.predictor.options = {}
  expect((await alice.call('POST', '/tabpfn/predict', body)).status).toBe(200)
  expect(await alice.used()).toBe(FLOOR)
})
