/** Pools and rates over HTTP, on a clock that the tests set: what is charged, when, and to whom. */
import { apiUsageSchema } from '@posterior/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../domain/app-error.ts'
import { postForm } from '../testing/forms.ts'
import { FLOOR, MeteredServer, QUOTA_REFUSAL, ROWS, rateHeaders, refusal } from '../testing/metered-server.ts'
import {
  CLASSES_CSV,
  fitTrainSet,
  put,
  until,
  uploadTestSet,
  uploadTrainSet,
} from '../testing/test-server.ts'

const metered = new MeteredServer()
const { start, customer } = metered

beforeEach(() => metered.prepare())
afterEach(() => metered.finish())

test('predictions are counted and fits and uploads are free; nothing is limited unless it is set', async () => {
  const alice = await customer(await start(), 'alice')
  expect(await alice.used()).toBe(0)
  const answer = await alice.predict()
  expect(rateHeaders(answer)).toEqual(['-1', '-1', '2026-11-23T00:00:00Z', 'daily_tokens'])
  const usage = await alice.usage()
  expect(apiUsageSchema.parse(usage)).toEqual(usage)
  expect(usage).toEqual({
    current_usage: FLOOR,
    usage_limit: -1,
    reset_time: '2026-11-23T00:00:00Z',
    daily_tokens_used: FLOOR,
    daily_token_limit: -1,
    daily_reset_time: '2026-11-23T00:00:00Z',
    monthly_tokens_used: FLOOR,
    monthly_token_limit: -1,
    monthly_reset_time: '2026-12-01T00:00:00Z',
    monthly_thinking_fits_used: 0,
    monthly_thinking_fit_limit: -1,
    daily_training_minutes_used: 0,
    daily_training_minute_limit: -1,
  })
})

test('what is charged is what is quoted', async () => {
  const alice = await customer(await start(), 'alice')
  const large = `a,b\n${'1,2\n'.repeat(2_000)}`
  await alice.predict({
    rows: await alice.newRows(large),
    config: { model_path: 'v2_default', n_estimators: 3 },
  })
  const quote = await alice.call('POST', '/tabpfn/estimate_cost', {
    train_rows: 10,
    test_rows: 2_000,
    raw_columns: 2,
    n_estimators: 3,
    operation: 'predict',
    model_version: 'v2_default',
  })
  expect(quote.json.estimated_cost).toBe(2_010 * 2 * 3)
  expect(await alice.used()).toBe(quote.json.estimated_cost)
})

test('a spent daily pool refuses with the pool, the time of the reset and Retry-After, until midnight UTC', async () => {
  const alice = await customer(await start({ POSTERIOR_DAILY_TOKENS: '25000' }), 'alice')
  const first = await alice.predict()
  expect(rateHeaders(first)).toEqual(['25000', '15000', '2026-11-23T00:00:00Z', 'daily_tokens'])
  await alice.predict({ output: 'preds' })
  const calls = metered.predictor.calls.predict

  metered.now = Date.parse('2026-11-22T23:59:30Z')
  const refused = await alice.predict({ rows: await alice.newRows() })
  expect(refusal(refused)).toEqual(QUOTA_REFUSAL)
  expect(refused.json.message).toBe(
    'The daily tokens are used up: 20000 of 25000 used, 10000 needed. It is filled again at 2026-11-23T00:00:00Z.',
  )
  expect(refused.json.retryable).toBe(true)
  expect(refused.headers.get('retry-after')).toBe('30')
  expect(rateHeaders(refused)).toEqual(['25000', '5000', '2026-11-23T00:00:00Z', 'daily_tokens'])
  expect(metered.predictor.calls.predict).toBe(calls)

  metered.now = Date.parse('2026-11-23T00:00:00Z')
  expect((await alice.predict({ rows: await alice.newRows() })).status).toBe(200)
  expect(await alice.usage()).toMatchObject({ daily_tokens_used: FLOOR, monthly_tokens_used: 3 * FLOOR })
})

test('a spent monthly pool is filled again on the 1st, not at midnight', async () => {
  const alice = await customer(await start({ POSTERIOR_MONTHLY_TOKENS: '10000' }), 'alice')
  expect((await alice.predict()).status).toBe(200)
  metered.now = Date.parse('2026-11-30T23:59:59Z')
  const refused = await alice.predict({ rows: await alice.newRows() })
  expect(refusal(refused)).toEqual(QUOTA_REFUSAL)
  expect(refused.json.message).toContain('The monthly tokens are used up')
  expect(refused.headers.get('x-ratelimit-reset')).toBe('2026-12-01T00:00:00Z')
  expect(refused.headers.get('retry-after')).toBe('1')
  metered.now = Date.parse('2026-12-01T00:00:00Z')
  expect((await alice.predict({ rows: await alice.newRows() })).status).toBe(200)
})

test('a table that costs more than is left is broken off once its rows are known; a smaller one still fits', async () => {
  const alice = await customer(await start({ POSTERIOR_DAILY_TOKENS: '20000' }), 'alice')
  const config = { model_path: 'v2_default', n_estimators: 8 }
  const large = await alice.newRows(`a,b\n${'1,2\n'.repeat(2_000)}`)
  metered.predictor.options = { predictMs: 600_000 }
  const refused = await alice.predict({ rows: large, config })
  expect(refusal(refused)).toEqual(QUOTA_REFUSAL)
  expect(refused.json.message).toContain(': 0 of 20000 used, 32160 needed.')
  metered.predictor.options = {}
  expect((await alice.predict({ config })).status).toBe(200)
  expect(await alice.used()).toBe(5_000)
})

test('the first version of the API and the container routes are charged from the same pools', async () => {
  const alice = await customer(await start({ POSTERIOR_DAILY_TOKENS: '20000' }), 'alice')
  const v1 = () =>
    postForm(
      metered.server,
      '/v1/predict',
      { data: { json: { model_id: alice.fit, task: 'classification' } }, file: { file: ROWS } },
      alice.token,
    )
  for (const answer of [await v1(), await v1()])
    expect(answer.json).toMatchObject({ used_credits: FLOOR, remaining_quota: 10_000 })
  const container = (x: number) =>
    alice.call('POST', '/predict', {
      task_config: { task: 'regression' },
      X_train: [[1], [2], [3]],
      y_train: [[1], [2], [3]],
      X_test: [[x]],
    })
  const answer = await container(1)
  expect([answer.status, rateHeaders(answer)[1]]).toEqual([200, '0'])
  expect(refusal(await container(2))).toEqual(QUOTA_REFUSAL)
  expect(await alice.used()).toBe(2 * FLOOR)
})

describe('fits with thinking', () => {
  const thinking = async (alice: Awaited<ReturnType<typeof metered.customer>>, change: object = {}) =>
    alice.call('POST', '/tabpfn/fit', {
      train_set_upload_id: await uploadTrainSet(metered.server, CLASSES_CSV, alice.token),
      task: 'classification',
      thinking_effort: 'high',
      ...change,
    })
  const ENV = { POSTERIOR_THINKING_MIN_ROWS: '10' }

  test('are charged tokens and one of the month, once however often the same one is asked for', async () => {
    const alice = await customer(await start({ ...ENV, POSTERIOR_MONTHLY_THINKING_FITS: '1' }), 'alice')
    const { json } = await alice.call('POST', '/tabpfn/prepare_train_set_upload', {
      x_train_info: { format: 'csv' },
      y_train_info: { format: 'csv' },
    })
    await put(json.x_train_info.signed_urls[0], CLASSES_CSV.x)
    await put(json.y_train_info.signed_urls[0], CLASSES_CSV.y)
    const id = { train_set_upload_id: json.train_set_upload_id }
    const first = await thinking(alice, id)
    expect(first.json.status).toBe('completed')
    expect((await thinking(alice, id)).json).toEqual(first.json)
    expect(await alice.usage()).toMatchObject({
      daily_tokens_used: 200_000,
      monthly_thinking_fits_used: 1,
      monthly_thinking_fit_limit: 1,
    })

    const refused = await thinking(alice)
    expect(refusal(refused)).toEqual(QUOTA_REFUSAL)
    expect(refused.headers.get('x-ratelimit-resource')).toBe('monthly_thinking_fits')
    expect(refused.headers.get('x-ratelimit-reset')).toBe('2026-12-01T00:00:00Z')
    // Everything else goes on.
    expect((await thinking(alice, { thinking_effort: null })).status).toBe(200)
    expect((await alice.predict()).status).toBe(200)

    metered.now = Date.parse('2026-12-01T00:00:00Z')
    expect((await thinking(alice)).status).toBe(200)
  })

  test('cost nothing when they fail, and their predictions cost a multiple', async () => {
    const alice = await customer(await start(ENV), 'alice')
    metered.predictor.failure = new AppError('ENGINE_FAILED')
    expect((await thinking(alice)).status).toBe(503)
    metered.predictor.failure = undefined
    expect(await alice.usage()).toMatchObject({ daily_tokens_used: 0, monthly_thinking_fits_used: 0 })
    const { json } = await thinking(alice)
    const rows = await uploadTestSet(metered.server, json.fitted_train_set_id, ROWS, alice.token)
    const body = { fitted_train_set_id: json.fitted_train_set_id, test_set_upload_id: rows, task_config: {} }
    await alice.call('POST', '/tabpfn/predict', body)
    expect(await alice.used()).toBe(200_000 + 4 * FLOOR)
  })

  test('have a rate of their own', async () => {
    const alice = await customer(await start({ ...ENV, POSTERIOR_THINKING_FITS_PER_HOUR: '1' }), 'alice')
    expect((await thinking(alice)).status).toBe(200)
    const refused = await thinking(alice)
    expect(refused.json.error_code).toBe('RATE_LIMIT_EXCEEDED')
    expect(refused.json.message).toContain('1 thinking fits are allowed per hour')
    expect((await thinking(alice, { thinking_effort: null })).status).toBe(200)
  })
})

test('the owner of a pool gets a message when it is nearly used up, once', async () => {
  const running = await start({ POSTERIOR_MONTHLY_TOKENS: '33000' })
  const body = { email: 'alice@example.org' }
  const { json } = await running.call('POST', '/admin/users', { body })
  const alice = await customer(running, 'alice', json.token)
  for (let i = 0; i < 5; i++) await alice.predict({ rows: await alice.newRows() })
  expect(await alice.used()).toBe(30_000)
  await until(() => metered.post.mails.length > 0)
  expect(metered.post.mails).toEqual([
    {
      to: 'alice@example.org',
      subject: 'Nearly used up on Posterior: the tokens of this month',
      text:
        '30000 of 33000 tokens of this month are used. They are filled again at 2026-12-01T00:00:00Z; until then, what ' +
        'needs more than is left is refused.\n',
    },
  ])
})

test('the administrator is counted and never limited', async () => {
  const running = await start({ POSTERIOR_DAILY_TOKENS: '1', POSTERIOR_PREDICTIONS_PER_MINUTE: '1' })
  const fit = await fitTrainSet(running, CLASSES_CSV)
  for (let i = 0; i < 3; i++) {
    const rows = await uploadTestSet(running, fit, ROWS)
    const body = { fitted_train_set_id: fit, test_set_upload_id: rows, task_config: {} }
    expect((await running.call('POST', '/tabpfn/predict', { body })).status).toBe(200)
  }
  const { json } = await running.call('POST', '/get_api_usage/')
  expect(json).toMatchObject({ daily_tokens_used: 3 * FLOOR, daily_token_limit: -1, usage_limit: -1 })
})

test('accounts neither share nor see what another one uses', async () => {
  const running = await start({ POSTERIOR_DAILY_TOKENS: '10000', POSTERIOR_PREDICTIONS_PER_MINUTE: '2' })
  const alice = await customer(running, 'alice')
  const bob = await customer(running, 'bob')
  const before = await bob.usage()
  await alice.predict()
  await alice.predict({ output: 'preds' })
  expect((await alice.predict()).json.error_code).toBe('RATE_LIMIT_EXCEEDED')
  expect(await bob.usage()).toEqual(before)
  expect(rateHeaders(await bob.predict())).toEqual(['10000', '0', '2026-11-23T00:00:00Z', 'daily_tokens'])
})

test('usage survives a restart, and so does the memory of what was charged', async () => {
  const env = { POSTERIOR_DAILY_TOKENS: '20000' }
  const alice = await customer(await start(env), 'alice')
  await alice.predict()
  await start(env)
  expect(await alice.usage()).toMatchObject({ daily_tokens_used: FLOOR, monthly_tokens_used: FLOOR })
  // The same request, lost with the connection to the first server, is still the same one.
  await alice.predict()
  expect(await alice.used()).toBe(FLOOR)
})

test.each([
  ['predict', 'PREDICTIONS'],
  ['fit', 'FITS'],
  ['upload', 'UPLOADS'],
])('the rate of %s requests is limited by the minute and by the hour', async (kind, name) => {
  const running = await start()
  const alice = await customer(running, 'alice')
  const env = { [`POSTERIOR_${name}_PER_MINUTE`]: '2', [`POSTERIOR_${name}_PER_HOUR`]: '3' }
  await start(env)
  const ask = () => {
    if (kind === 'predict') return alice.predict()
    const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
    if (kind === 'upload') return alice.call('POST', '/tabpfn/prepare_train_set_upload', body)
    // An unknown upload: a request counts whatever becomes of it.
    return alice.call('POST', '/tabpfn/fit', {
      train_set_upload_id: '9b2d5c0e-2f2b-4a5f-8f63-0d5c2d7f0a11',
      task: 'classification',
    })
  }
  const first = await ask()
  expect(rateHeaders(first)).toEqual(['2', '1', '2026-11-22T12:01:00Z', `${kind}_per_minute`])
  await ask()
  const refused = await ask()
  expect(refusal(refused)).toEqual([429, 'RATE_LIMIT_EXCEEDED', 'rate.limit.exceeded'])
  expect(refused.json.message).toMatch(
    /: 2 .+ are allowed per minute\. Try again after 2026-11-22T12:01:00Z\.$/,
  )
  expect(refused.headers.get('retry-after')).toBe('60')
  expect(rateHeaders(refused)).toEqual(['2', '0', '2026-11-22T12:01:00Z', `${kind}_per_minute`])

  metered.now += 60_000
  expect((await ask()).status).toBe(first.status)
  const byHour = await ask()
  expect(byHour.json.message).toMatch(/: 3 .+ are allowed per hour\. Try again after 2026-11-22T13:00:00Z\.$/)
  metered.now = Date.parse('2026-11-22T13:00:00Z')
  expect((await ask()).status).toBe(first.status)
})
