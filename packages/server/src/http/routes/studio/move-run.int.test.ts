/** Runs that wait are moved: from a runner that gave up to the server, and from the queue of the server to a runner. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakeTrainer } from '../../../testing/fake-trainer.ts'
import { createAccounts, startTestServer, type TestServer, until } from '../../../testing/test-server.ts'

let server: TestServer
let trainer: FakeTrainer
let alice: string
let bob: string
let eve: string
let runner: string
const PROJECT = '/projects/coins'

beforeAll(async () => {
  trainer = new FakeTrainer()
  server = await startTestServer({
    trainer,
    env: { POSTERIOR_TRAINING_AT_ONCE: '1', POSTERIOR_UNFINISHED_RUNS: '3' },
  })
  ;[alice, bob, eve] = (await createAccounts(server, 'alice', 'bob', 'eve')) as [string, string, string]
  await as(alice, 'POST', '/projects', { name: 'Coins' })
  for (const [token, role] of [
    [bob, 'editor'],
    [eve, 'viewer'],
  ]) {
    await as(token, 'POST', '/projects', { name: 'Own' })
    const [{ accountId: account }] = (await as(token, 'GET', '/projects/own/members')).json.members
    await as(alice, 'POST', `${PROJECT}/members`, { account, role })
  }
  runner = (await as(alice, 'POST', '/runners', { name: 'box' })).json.token
})
afterAll(() => server.close())

const as = (token: string | undefined, method: string, path: string, body?: unknown) =>
  server.call(method, path, { ...(token && { token }), ...(body !== undefined && { body }) })

async function order(target: string, status = 'queued'): Promise<string> {
  const body = { prior: 'coin-flip', hyperparams: { steps: 3 }, compute: { target, max_seconds: 60 }, status }
  const { status: code, json, text } = await as(alice, 'POST', `${PROJECT}/runs`, body)
  expect(code, text).toBe(201)
  return json.id
}

const move = (id: string, compute: unknown, token = alice) =>
  as(token, 'PATCH', `${PROJECT}/runs/${id}`, { compute })
const show = async (id: string) => (await as(alice, 'GET', `${PROJECT}/runs/${id}`)).json
const cancel = (id: string) => as(alice, 'POST', `${PROJECT}/runs/${id}/cancel`)
const startOf = (id: string) => trainer.started.find((training) => training.id === id)
const next = async () => (await as(runner, 'GET', '/runner/jobs/next?wait=0')).json.job

test('a run that a runner handed back is trained by the server, from the state that came', async () => {
  const id = await order('runner')
  const { claim } = await next()
  const path = `/runner/jobs/${id}`
  const refused = await move(id, { target: 'server' })
  expect([refused.status, refused.json.error_code]).toEqual([409, 'RUN_NOT_WAITING'])
  const sent = await server.call('POST', `${path}/checkpoint?claim=${claim}`, {
    token: runner,
    body: Buffer.from('40'),
    headers: { 'content-type': 'application/gzip' },
  })
  expect(sent.json.step).toBe(40)
  await as(runner, 'POST', `${path}/release?claim=${claim}`)

  const moved = await move(id, { target: 'server' })
  expect([moved.status, moved.json.compute]).toEqual([
    200,
    { target: 'server', runner: null, provider: 'cpu', max_seconds: 60 },
  ])
  await until(() => startOf(id) !== undefined)
  expect(await trainer.savedStep(id)).toBe(40)
  expect(await next()).toBeUndefined()
  expect((await as(runner, 'POST', `${path}/heartbeat?claim=${claim}`)).json.error_code).toBe('CLAIM_LOST')
  startOf(id)!.finish()
  await until(async () => (await show(id)).status === 'completed')
  const { events } = (await as(alice, 'GET', `${PROJECT}/runs/${id}/events`)).json
  expect(events.map(({ line }: { line?: string }) => line)).toContain(
    'the run was moved; it waits for the server (cpu)',
  )
  expect((await move(id, { target: 'runner' })).json.error_code).toBe('RUN_NOT_WAITING')
})

test('a run that waits for the server goes to a runner at once, and is not trained twice', async () => {
  const [busy, waiting] = [await order('server'), await order('server')]
  await until(() => startOf(busy) !== undefined)
  const asked = as(runner, 'GET', '/runner/jobs/next?wait=20')
  const moved = await move(waiting, { target: 'box' })
  expect(moved.json.compute).toMatchObject({ target: 'runner', runner: { name: 'box' } })
  expect((await asked).json.job.runId).toBe(waiting)
  startOf(busy)!.finish()
  const third = await order('server')
  await until(() => startOf(third) !== undefined)
  expect(startOf(waiting)).toBeUndefined()
  for (const id of [waiting, third]) await cancel(id)
})

test('a draft is moved and waits to be submitted', async () => {
  const id = await order('server', 'draft')
  expect((await move(id, { target: 'runner' })).json).toMatchObject({
    status: 'draft',
    compute: { target: 'runner', runner: null },
  })
  expect(await next()).toBeUndefined()
  // What stays as it is changes nothing.
  expect((await move(id, {})).json.compute.target).toBe('runner')
  await cancel(id)
})

test('where nobody takes the run is refused by its field', async () => {
  const id = await order('runner')
  for (const [compute, field] of [
    [{ target: 'moon' }, 'compute.target'],
    [{ provider: 'cuda' }, 'compute.provider'],
    [{ target: 'server', provider: 'webgpu' }, 'compute.provider'],
    [{ max_seconds: 1 }, 'compute.max_seconds'],
  ] as const) {
    const refused = await move(id, compute)
    expect([refused.status, refused.json.errors[0].field], refused.text).toEqual([422, field])
  }
  expect((await show(id)).compute.target).toBe('runner')
  await cancel(id)
})

test('only who may change the project moves its runs, which are theirs then', async () => {
  const id = await order('runner')
  expect((await move(id, { target: 'server' }, eve)).json.error_code).toBe('ROLE_TOO_LOW')
  const [stranger] = await createAccounts(server, 'stranger')
  for (const prefix of ['', '/api']) {
    const path = `${prefix}${PROJECT}/runs/${id}`
    expect((await as(stranger, 'PATCH', path, { compute: { target: 'server' } })).status).toBe(404)
  }
  // Bob has as many runs of his own as he may.
  const own = { prior: 'coin-flip', hyperparams: { steps: 3 } }
  const runs = []
  for (let i = 0; i < 3; i++) runs.push((await as(bob, 'POST', '/projects/own/runs', own)).json.id)
  const full = await move(id, { target: 'server' }, bob)
  expect([full.status, full.json.error_code]).toEqual([429, 'TOO_MANY_RUNS'])
  await as(bob, 'POST', `/projects/own/runs/${runs[0]}/cancel`)
  expect((await move(id, { target: 'server' }, bob)).status).toBe(200)
  expect((await as(bob, 'POST', '/projects/own/runs', own)).json.error_code).toBe('TOO_MANY_RUNS')
})
