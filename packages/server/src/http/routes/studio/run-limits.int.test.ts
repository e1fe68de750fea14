/** What one account may train: runs at a time, minutes of a day, requests. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakeTrainer } from '../../../testing/fake-trainer.ts'
import { createAccounts, startTestServer, type TestServer, until } from '../../../testing/test-server.ts'

const ORDER = { prior: 'coin-flip', hyperparams: { steps: 3 } }
const NOON = Date.UTC(2026, 10, 22, 12)
let now = NOON
let server: TestServer
let trainer: FakeTrainer
let ann: string
let ben: string

beforeAll(async () => {
  trainer = new FakeTrainer()
  server = await startTestServer({
    trainer,
    clock: { now: () => now++ },
    env: {
      POSTERIOR_TRAINING_AT_ONCE: '9',
      POSTERIOR_TRAINING_AT_ONCE_PER_ACCOUNT: '1',
      POSTERIOR_UNFINISHED_RUNS: '2',
      POSTERIOR_DAILY_TRAINING_MINUTES: '10',
      POSTERIOR_RUNS_PER_HOUR: '6',
      POSTERIOR_STUDIO_REQUESTS_PER_HOUR: '500',
    },
  })
  ;[ann, ben] = (await createAccounts(server, 'ann', 'ben')) as [string, string]
})
afterAll(() => server.close())

const as = (token: string | undefined, method: string, path: string, body?: unknown) =>
  server.call(method, path, { ...(token && { token }), ...(body !== undefined && { body }) })
const startsOf = (id: string) => trainer.started.filter((training) => training.id === id)
const usageOf = async (token: string) => (await as(token, 'POST', '/get_api_usage/')).json

test('an account trains as many runs, for as long, and asks as often as the operator lets it', async () => {
  for (const token of [ann, ben]) await as(token, 'POST', '/projects', { name: 'Mine' })
  const order = (token: string, status = 'queued') =>
    as(token, 'POST', '/projects/mine/runs', { ...ORDER, status })
  const [first, second] = [(await order(ann)).json, (await order(ann)).json]
  const third = await order(ann)
  expect([third.status, third.json.error_code, third.json.error]).toEqual([
    429,
    'TOO_MANY_RUNS',
    expect.stringContaining('the 2 of one account'),
  ])
  // The second waits for the first, and holds up nobody else.
  const other = (await order(ben)).json
  await until(() => startsOf(other.id).length === 1)
  expect([startsOf(first.id).length, startsOf(second.id).length]).toEqual([1, 0])

  now += 11 * 60_000
  startsOf(first.id)[0]!.emit({ event: 'step', fields: { step: 0 } })
  const statusOf = async ({ id }: { id: string }) =>
    (await as(ann, 'GET', `/projects/mine/runs/${id}`)).json.status
  await until(async () => (await statusOf(first)) === 'queued')
  const used = await usageOf(ann)
  expect(used.daily_training_minute_limit).toBe(10)
  expect(used.daily_training_minutes_used).toBeCloseTo(11, 1)
  // What waits for tomorrow may go to a runner, and cannot come back today.
  await as(ann, 'POST', '/runners', { name: 'box' })
  const move = (target: string) =>
    as(ann, 'PATCH', `/projects/mine/runs/${second.id}`, { compute: { target } })
  expect((await move('runner')).json.compute).toMatchObject({ target: 'runner' })
  expect((await move('server')).json.error_code).toBe('INSUFFICIENT_QUOTA')
  await as(ann, 'POST', `/projects/mine/runs/${second.id}/cancel`)
  const spent = await order(ann)
  expect([spent.status, spent.json.error_code]).toEqual([429, 'INSUFFICIENT_QUOTA'])
  expect(spent.headers.get('x-ratelimit-resource')).toBe('daily_training_minutes')
  expect(spent.json.error).toContain('The training minutes of today are used up: 11 of 10 used')
  expect((await order(ann, 'draft')).status).toBe(201)
  expect((await as(ann, 'POST', '/projects/mine/runs/v0_3/submit')).status).toBe(429)

  const often = await order(ann, 'draft')
  expect([often.status, often.json.error_code]).toEqual([429, 'RATE_LIMIT_EXCEEDED'])
  expect(often.json.error).toContain('6 orders of training runs')
  expect((await as(ann, 'GET', '/projects')).headers.get('x-ratelimit-resource')).toBe('studio_per_hour')

  now = NOON + 86_400_000
  startsOf(other.id)[0]!.finish()
  await until(() => startsOf(first.id).length === 2)
  startsOf(first.id)[1]!.finish()
  await until(async () => (await statusOf(first)) === 'completed')
  expect((await usageOf(ann)).daily_training_minutes_used).toBeLessThan(1)
})

test('the administrator is counted and never limited', async () => {
  await as(undefined, 'POST', '/projects', { name: 'Own' })
  const ids: string[] = []
  for (let i = 0; i < 4; i++) ids.push((await as(undefined, 'POST', '/projects/own/runs', ORDER)).json.id)
  await until(() => ids.every((id) => startsOf(id).length === 1))
  now += 60 * 60_000
  startsOf(ids[0]!)[0]!.emit({ event: 'step', fields: { step: 0 } })
  await until(async () => (await usageOf(undefined as never)).daily_training_minutes_used > 59)
  expect(startsOf(ids[0]!)[0]!.isStopped).toBe(false)
  for (const id of ids) startsOf(id)[0]!.finish()
})
