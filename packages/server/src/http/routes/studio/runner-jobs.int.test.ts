/** Runners as they call: who may have which run, and what becomes of a run whose runner is silent. */
import { gunzipSync } from 'node:zlib'
import { nextJobSchema, runnerListSchema } from '@posterior/contracts'
import { readTar } from '@posterior/project'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { FakeTrainer } from '../../../testing/fake-trainer.ts'
import { createAccounts, startTestServer, type TestServer, until } from '../../../testing/test-server.ts'

let server: TestServer
let trainer: FakeTrainer
let alice: string
let bob: string
let now = Date.parse('2026-11-22T08:00:00Z')

beforeAll(async () => {
  trainer = new FakeTrainer()
  server = await startTestServer({ trainer, clock: { now: () => now } })
})
afterAll(() => server.close())

let count = 0
let project: string
let first: string
let second: string
// New accounts for each test, so that its runners find its own runs alone.
beforeEach(async () => {
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
  const { json } = await as(alice, 'POST', '/projects', { name: `Project ${++count}` })
  project = `/projects/${json.id}`
  ;[first, second] = [await issue(alice, `first ${count}`), await issue(alice, `second ${count}`)]
})

const as = (token: string, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })

async function issue(token: string, name: string): Promise<string> {
  const { status, json } = await as(token, 'POST', '/runners', { name })
  expect([status, json.token]).toEqual([201, expect.stringMatching(/^psr_[0-9a-f]{48}$/)])
  return json.token
}

const ORDER = { prior: 'coin-flip', hyperparams: { steps: 3 } }

async function order(target = 'runner'): Promise<string> {
  // Runs that came at the same moment have no order.
  now += 1
  const { status, json } = await as(alice, 'POST', `${project}/runs`, { ...ORDER, compute: { target } })
  expect([status, json.error]).toEqual([201, null])
  return json.id
}

const poll = async (token: string, wait = 0) =>
  nextJobSchema.parse((await as(token, 'GET', `/runner/jobs/next?wait=${wait}`)).json)

async function take(token: string) {
  const next = await poll(token)
  if (next.status !== 'job') throw new Error('there was no job')
  const { runId, claim } = next.job
  const say = (what: string, body?: unknown, claimed = claim) =>
    as(token, 'POST', `/runner/jobs/${runId}/${what}?claim=${claimed}`, body)
  return { ...next, runId, claim, say }
}

const runOf = async (id: string) => (await as(alice, 'GET', `${project}/runs/${id}`)).json
const linesOf = async (id: string) =>
  (await as(alice, 'GET', `${project}/runs/${id}/events`)).json.events.map(
    (event: { event: string; line?: string }) => [event.event, event.line],
  )

test('a run for runners waits for one, and the server leaves it alone', async () => {
  const id = await order()
  expect((await runOf(id)).compute).toMatchObject({ target: 'runner', runner: null })
  expect((await runOf(id)).status).toBe('queued')
  const { job, pendingPublishes } = await take(first)
  expect([job.runId, job.runSlug, job.priorRef.slug, job.hyperparams, pendingPublishes]).toEqual([
    ...[id, 'v0_1', 'coin-flip', { steps: 3 }, []],
  ])
  expect((await runOf(id)).status).toBe('running')
  expect(await poll(second)).toEqual({ status: 'idle' })
  expect(trainer.started.some((each) => each.id === id)).toBe(false)
})

test('a question for work is held until there is some', async () => {
  const asked = poll(first, 20)
  const id = await order()
  expect(await asked).toMatchObject({ job: { runId: id } })
})

test('the token of a runner is good for its work alone, and no other token is', async () => {
  for (const [token, path] of [
    [first, '/projects'],
    [first, '/runners'],
    [first, '/api/api-tokens'],
    [alice, '/runner/jobs/next'],
    ['psr_unknown', '/api/runner/jobs/next'],
  ] as const) {
    expect([path, (await as(token, 'GET', path)).status]).toEqual([path, 401])
  }
  const { json } = await as(alice, 'GET', '/runner/jobs/next')
  expect([json.message, json.error]).toEqual([expect.stringContaining('wrong type'), 'Unauthorized'])
  const headers = { authorization: `Token ${first}` }
  const answer = await server.call('GET', '/api/runner/jobs/next?wait=0', { token: null, headers })
  expect([answer.status, answer.json]).toEqual([200, { status: 'idle' }])
})

test('runners are listed with what they told of themselves, and never with their tokens', async () => {
  const capabilities = { osArch: 'linux-x64', cpus: 16, gpu: null, providers: ['cpu'] }
  const { json } = await as(first, 'POST', '/runner/capabilities', { capabilities })
  expect(json.runner.name).toBe(`first ${count}`)
  const listed = await as(alice, 'GET', '/runners')
  const { runners } = runnerListSchema.parse(listed.json)
  const mine = runners.find(({ name }) => name === `first ${count}`)
  expect(mine).toMatchObject({ prefix: first.slice(0, 12), capabilities })
  expect(mine?.lastSeenAt).toBe(new Date(now).toISOString())
  expect(listed.text).not.toContain(first)
  const taken = await as(alice, 'POST', '/runners', { name: `first ${count}` })
  expect([taken.status, taken.json.error_code]).toEqual([409, 'RUNNER_NAME_TAKEN'])
  for (const name of ['', 'runner', 'server']) {
    expect((await as(alice, 'POST', '/runners', { name })).status).toBe(422)
  }
})

test('what a runner tells becomes events of the run, once', async () => {
  const id = await order()
  const { say } = await take(first)
  const steps = [0, 1, 2].map((step) => ({ event: 'step', step, loss: null, ts: 'then', seq: 99 }))
  const told = await say('events', { events: steps.slice(0, 2), from: 0 })
  expect(told.json).toEqual({ status: 'running', cancel: false, received: 2, dropped: 0 })
  // The answer was lost, and the runner sends all of it again with what came since.
  const more = [...steps, { event: 'remote.started', host: 'x' }, { event: 'done' }]
  expect((await say('events', { events: more, from: 0 })).json.received).toBe(5)
  expect(await linesOf(id)).toEqual([
    ['log', `the runner "first ${count}" takes the run`],
    ...steps.map(() => ['step', undefined]),
    ['log', 'remote.started {"host":"x"}'],
  ])
})

test('a runner that was silent loses its run to another, and can change nothing any more', async () => {
  const id = await order()
  const lost = await take(first)
  now += 60_000
  expect((await lost.say('heartbeat')).json).toEqual({ status: 'running', cancel: false })
  now += 89_000
  expect(await poll(second)).toEqual({ status: 'idle' })
  now += 1_000
  const { claim, say } = await take(second)
  expect(claim).not.toBe(lost.claim)
  const before = await linesOf(id)
  expect(before[1]).toEqual(['log', expect.stringContaining('was not heard for 90 s')])
  for (const [what, body] of [
    ['heartbeat', undefined],
    ['events', { events: [{ event: 'step', step: 0 }] }],
    ['result', { status: 'failed', error: 'late' }],
    ['release', undefined],
  ] as const) {
    const answer = await lost.say(what, body)
    expect([what, answer.status, answer.json.error_code]).toEqual([what, 409, 'CLAIM_LOST'])
  }
  expect([await linesOf(id), (await runOf(id)).status]).toEqual([before, 'running'])
  // The same runner again, with a claim that is not the present one.
  expect((await say('heartbeat', undefined, lost.claim)).status).toBe(409)
  expect((await say('heartbeat')).status).toBe(200)
})

test('a run that is handed back waits again, at once', async () => {
  const id = await order()
  expect((await (await take(first)).say('release')).json).toEqual({ status: 'queued', cancel: true })
  expect((await runOf(id)).status).toBe('queued')
  expect(await poll(second)).toMatchObject({ job: { runId: id } })
})

test('a run ends as its runner says it ended, and stays so', async () => {
  for (const [result, status, error] of [
    [{ status: 'failed', error: { message: 'out of memory' } }, 'failed', 'out of memory'],
    [{ status: 'error', events: [{ event: 'error', message: 'broken' }] }, 'failed', 'broken'],
    [{ status: 'failed' }, 'failed', 'The runner gave no reason; its own output may have one.'],
    [{ status: 'cancelled' }, 'cancelled', undefined],
    [
      { status: 'completed', results: { steps: 0 }, error: 'nothing to learn' },
      'skipped',
      'nothing to learn',
    ],
    [
      { status: 'completed', events: [{ event: 'done', status: 'skipped', reason: 'why' }] },
      'skipped',
      'why',
    ],
  ] as const) {
    const id = await order()
    const { say } = await take(first)
    for (let i = 0; i < 2; i++) expect((await say('result', result)).json).toEqual({ status, cancel: true })
    const run = await runOf(id)
    expect([run.status, run.error?.message, run.results]).toEqual([status, error, null])
  }
})

test('a run is completed by an uploaded checkpoint and a result', async () => {
  const id = await order()
  const { say, runId, claim } = await take(first)
  const path = `/runner/jobs/${runId}/artifact?claim=${claim}`
  const send = (content: string, token = first) => {
    const body = new FormData()
    body.set('file', new Blob([content]), 'checkpoint.tar.gz')
    return fetch(server.url + path, { method: 'POST', body, headers: { authorization: `Token ${token}` } })
  }
  const bad = await send('bad')
  expect([bad.status, await bad.json()]).toMatchObject([422, { errors: [{ field: 'file' }] }])
  expect((await say('result', { status: 'completed', results: { steps: 3 } })).status).toBe(409)
  expect([(await send('weights', second)).status, trainer.brains.has(id)]).toEqual([409, false])
  const good = await send('weights')
  expect([good.status, await good.json()]).toEqual([200, { bytes: 7 }])
  const again = await server.call('POST', `/api${path}`, { token: first, body: 'new weights' })
  expect([again.status, trainer.brains.get(id)]).toEqual([200, 'new weights'])

  const done = { event: 'done', status: 'completed', steps: 3, final_loss: 0.25, checkpoint_dir: '/srv/x' }
  const told = await say('result', {
    status: 'completed',
    events: [done],
    artifactRef: { localPath: '/srv' },
  })
  expect(told.json).toEqual({ status: 'completed', cancel: true })
  const run = await runOf(id)
  expect(run).toMatchObject({ status: 'completed', results: { steps: 3, final_loss: 0.25, d_in: 1 } })
  const { text } = await as(alice, 'GET', `${project}/runs/${id}/events`)
  expect(text).toContain(`"artifactRef":{"kind":"server","runId":"${id}","sizeBytes":11}`)
  expect(text).not.toContain('/srv')
  const late = await send('late weights')
  expect([late.status, trainer.brains.get(id)]).toEqual([409, 'new weights'])
  const parts = new FormData()
  parts.set('other', 'text')
  await order()
  const next = await take(first)
  const wrong = await fetch(`${server.url}/runner/jobs/${next.runId}/artifact`, {
    method: 'POST',
    body: parts,
    headers: { authorization: `Token ${first}` },
  })
  expect([wrong.status, ((await wrong.json()) as { error: string }).error]).toEqual([
    400,
    expect.stringContaining('"other"'),
  ])
})

test('the bundle holds what the run refers to, and the plan', async () => {
  const post = (plural: string, body: unknown) => as(alice, 'POST', `${project}/${plural}`, body)
  await post('models', { name: 'Sized', slug: 'sized', size: 'steady', version: '1.0.0' })
  await post('evals', { name: 'Goal', slug: 'goal' })
  await post('evals', { name: 'Other', slug: 'other' })
  const compute = { target: 'runner' }
  const body = { ...ORDER, model: 'sized', evals: ['goal'], compute }
  const { json } = await as(alice, 'POST', `${project}/runs`, body)
  // A later version is none of the run's business.
  await as(alice, 'PATCH', `${project}/models/sized`, { description: 'later' })
  const { runId } = await take(first)
  const answer = await fetch(`${server.url}/api/runner/jobs/${runId}/bundle`, {
    headers: { authorization: `Bearer ${first}` },
  })
  const files = readTar(gunzipSync(Buffer.from(await answer.arrayBuffer())), { maxEntries: 100 })
  const texts = new Map(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]))
  expect([...texts.keys()].sort()).toEqual([
    ...['evals/goal.yaml', 'models/sized.yaml', 'posterior/plan.json', `runs/${json.slug}.yaml`],
  ])
  expect(texts.get('models/sized.yaml')).not.toContain('later')
  expect(JSON.parse(texts.get('posterior/plan.json')!)).toEqual({ format: 1, plan: { fake: true } })
  expect((await as(second, 'GET', `/runner/jobs/${runId}/bundle`)).status).toBe(409)
})

test('whether the server is there can be asked without a token', async () => {
  for (const path of ['/health', '/api/health'])
    expect((await server.call('GET', path, { token: null })).json).toEqual({ status: 'ok' })
})

test('nothing is completed without a brain', async () => {
  const id = await order()
  const { say } = await take(first)
  const answer = await say('result', { status: 'completed', results: { steps: 3 } })
  expect([answer.status, answer.json.error_code]).toEqual([409, 'BRAIN_MISSING'])
  expect((await runOf(id)).status).toBe('running')
})

test('a cancelled run tells its runner by the heartbeat, and takes no more events', async () => {
  const id = await order()
  const { say } = await take(first)
  expect((await as(alice, 'POST', `${project}/runs/${id}/cancel`)).json.status).toBe('cancelled')
  expect((await say('heartbeat')).json).toEqual({ status: 'cancelled', cancel: true })
  expect((await say('events', { events: [{ event: 'step', step: 1 }] })).json.cancel).toBe(true)
  expect((await say('result', { status: 'completed' })).json.status).toBe('cancelled')
  expect((await linesOf(id)).at(-1)?.[0]).toBe('done')
  await as(alice, 'DELETE', `${project}/runs/${id}`)
  expect((await say('heartbeat')).status).toBe(404)
})

test('runs go to runners of those who may change the project, and to nobody else', async () => {
  const id = await order()
  const stranger = await issue(bob, `stranger ${count}`)
  expect(await poll(stranger)).toEqual({ status: 'idle' })
  expect((await as(stranger, 'POST', `/runner/jobs/${id}/heartbeat`)).status).toBe(404)
  const own = (await as(bob, 'POST', '/projects', { name: `Own ${count}` })).json
  const { accountId } = (await as(bob, 'GET', `/projects/${own.id}/members`)).json.members[0]
  await as(alice, 'POST', `${project}/members`, { account: accountId, role: 'viewer' })
  expect(await poll(stranger)).toEqual({ status: 'idle' })
  await as(alice, 'PATCH', `${project}/members/${accountId}`, { role: 'editor' })
  const { say } = await take(stranger)
  await as(alice, 'DELETE', `${project}/members/${accountId}`)
  const late = await say('result', { status: 'failed' })
  expect([late.status, (await runOf(id)).status]).toEqual([404, 'running'])
})

test('a run may ask for one runner by name; others leave it alone', async () => {
  const id = await order(`second ${count}`)
  expect((await runOf(id)).compute.runner.name).toBe(`second ${count}`)
  expect(await poll(first)).toEqual({ status: 'idle' })
  expect(await poll(second)).toMatchObject({ job: { runId: id } })
  const unknown = await as(alice, 'POST', `${project}/runs`, { ...ORDER, compute: { target: 'other' } })
  expect([unknown.status, unknown.json.errors[0].field]).toEqual([422, 'compute.target'])
  expect(unknown.json.error).toContain(`there are server, runner, `)
  const none = (await as(bob, 'POST', '/projects', { name: `None ${count}` })).json
  for (const { id: runner } of (await as(bob, 'GET', '/runners')).json.runners)
    await as(bob, 'DELETE', `/runners/${runner}`)
  const nobody = await as(bob, 'POST', `/projects/${none.id}/runs`, {
    ...ORDER,
    compute: { target: 'runner' },
  })
  expect([nobody.status, nobody.json.error]).toEqual([422, expect.stringContaining('nobody')])
})

test('a run on a GPU goes to a runner that has one, and is refused where there is none', async () => {
  const gpu = (target: string) =>
    as(alice, 'POST', `${project}/runs`, { ...ORDER, compute: { target, provider: 'webgpu' } })
  for (const target of ['server', 'runner', `first ${count}`]) {
    const { status, json } = await gpu(target)
    expect([status, json.errors[0].field]).toEqual([422, 'compute.provider'])
    expect(json.error).toMatch(/the CPU does|first \d+: cpu/)
  }
  await as(second, 'POST', '/runner/capabilities', { capabilities: { providers: ['cpu', 'webgpu'] } })
  const { json } = await gpu('runner')
  expect(json.compute).toMatchObject({ target: 'runner', provider: 'webgpu' })
  expect(await poll(first)).toEqual({ status: 'idle' })
  expect(await poll(second)).toMatchObject({ job: { runId: json.id, provider: 'webgpu' } })
})

test('a revoked runner loses its token and its runs at once; what waited for it alone fails', async () => {
  const [free, named] = [await order(), await order(`first ${count}`)]
  const { say, runId } = await take(first)
  expect(runId).toBe(free)
  const { runners } = (await as(alice, 'GET', '/runners')).json
  const { id } = runners.find(({ name }: { name: string }) => name === `first ${count}`)
  expect((await as(bob, 'DELETE', `/runners/${id}`)).status).toBe(404)
  expect((await as(alice, 'DELETE', `/runners/${id}`)).status).toBe(200)
  expect((await say('heartbeat')).status).toBe(401)
  expect((await runOf(free)).status).toBe('queued')
  expect(await runOf(named)).toMatchObject({
    status: 'failed',
    error: { message: expect.stringContaining('revoked') },
  })
})

test('what is not bounded JSON is refused by its field', async () => {
  await order()
  const { say } = await take(first)
  const deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`)
  for (const [events, field] of [
    [[{ event: 'step', text: 'x'.repeat(9_000) }], 'events.0'],
    [[{ event: 'step', deep }], 'events.0.deep'],
    [[{ event: 7 }], 'events.0.event'],
    [Array.from({ length: 1_001 }, () => ({ event: 'log' })), 'events'],
  ] as const) {
    const answer = await say('events', { events })
    expect([answer.status, answer.json.errors[0].field.startsWith(field)]).toEqual([422, true])
  }
  expect((await say('events', '{"events": [{"event": "step", "loss": NaN}]}')).status).toBe(400)
  const nameless = await as(alice, 'POST', '/runners', { name: 'x', '': 1 })
  expect(nameless.json.errors).toEqual([{ field: '""', message: 'unknown field' }])
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`key${i}`, i]))
  expect((await as(first, 'POST', '/runner/capabilities', { capabilities: many })).status).toBe(422)
})

test('events come to whoever watches as they are told', async () => {
  const id = await order()
  const { say } = await take(first)
  const headers = { accept: 'text/event-stream' }
  const stream = server.call('GET', `${project}/runs/${id}/events`, { token: alice, headers })
  await until(async () => (await say('events', { events: [{ event: 'step', step: 4 }] })).status === 200)
  await say('result', { status: 'failed', error: 'over' })
  const { text } = await stream
  expect([...text.matchAll(/^event: (\w+)$/gm)].map((match) => match[1])).toEqual(['log', 'step', 'error'])
})

test('the next runner goes on from the state that was uploaded last; only who has the run may touch it', async () => {
  const id = await order()
  const job = await take(first)
  expect(job.job.checkpoint).toBeNull()
  const path = `/runner/jobs/${id}/checkpoint`
  const send = async (token: string, state: string) => {
    const headers = { authorization: `Token ${token}`, 'content-type': 'application/gzip' }
    const answer = await fetch(`${server.url}/api${path}`, { method: 'POST', headers, body: state })
    return [answer.status, await answer.json()] as const
  }
  const fetchState = async (token: string) => {
    const answer = await fetch(server.url + path, { headers: { authorization: `Token ${token}` } })
    return [answer.status, await answer.text()] as const
  }
  expect((await fetchState(first))[0]).toBe(404)
  expect(await send(first, '40')).toEqual([200, { bytes: 100, step: 40 }])
  expect((await send(first, 'bad'))[1]).toMatchObject({ error_code: 'CHECKPOINT_INVALID' })
  expect(await fetchState(first)).toEqual([200, '40'])

  const foreign = await issue(bob, 'foreign')
  for (const [token, code] of [
    [second, 'CLAIM_LOST'],
    [foreign, 'NOT_FOUND'],
    [alice, 'UNAUTHORIZED'],
  ] as const) {
    expect((await send(token, '41'))[1]).toMatchObject({ error_code: code })
    expect(JSON.parse((await fetchState(token))[1])).toMatchObject({ error_code: code })
  }

  now += 91_000
  const next = await take(second)
  expect(next.job).toMatchObject({ runId: id, checkpoint: { step: 40 } })
  expect((await send(first, '50'))[1]).toMatchObject({ error_code: 'CLAIM_LOST' })
  expect(await fetchState(second)).toEqual([200, '40'])
  await next.say('result', { status: 'failed', error: 'enough' })
  expect((await send(second, '60'))[1]).toMatchObject({ error_code: 'CLAIM_LOST' })
})

test('a checkpoint that comes after the brain takes its place, so that the run is not completed with it', async () => {
  const id = await order()
  const job = await take(first)
  const post = (what: string, body: string) =>
    fetch(`${server.url}/runner/jobs/${id}/${what}`, {
      method: 'POST',
      headers: { authorization: `Token ${first}`, 'content-type': 'application/gzip' },
      body,
    })
  expect((await post('artifact', 'brain')).status).toBe(200)
  expect((await post('checkpoint', '3')).status).toBe(200)
  const early = await job.say('result', { status: 'completed', results: { steps: 3 } })
  expect(early.json.error_code).toBe('BRAIN_MISSING')
  expect((await post('artifact', 'brain')).status).toBe(200)
  expect((await job.say('result', { status: 'completed', results: { steps: 3 } })).status).toBe(200)
})
