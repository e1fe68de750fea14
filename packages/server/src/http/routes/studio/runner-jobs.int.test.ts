/** Runners as they call: who may have which run, and what becomes of a run whose runner is silent. */
import { runnerListSchema } from '@posterior/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ORDER, RunnerServer } from '../../../testing/runner-server.ts'
import { type TestServer, until } from '../../../testing/test-server.ts'

const calls = new RunnerServer()
const { as, issue, order, poll, take, runOf, linesOf, trainer } = calls
let server: TestServer
let alice: string
let bob: string
let project: string
let first: string
let second: string

beforeAll(() => calls.start())
afterAll(() => calls.close())
beforeEach(async () => {
  await calls.renew()
  ;({ server, alice, bob, project, first, second } = calls)
})

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
  expect(json.runner.name).toBe(`first ${calls.count}`)
  const listed = await as(alice, 'GET', '/runners')
  const { runners } = runnerListSchema.parse(listed.json)
  const mine = runners.find(({ name }) => name === `first ${calls.count}`)
  expect(mine).toMatchObject({ prefix: first.slice(0, 12), capabilities })
  expect(mine?.lastSeenAt).toBe(new Date(calls.now).toISOString())
  expect(listed.text).not.toContain(first)
  const taken = await as(alice, 'POST', '/runners', { name: `first ${calls.count}` })
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
    ['log', `the runner "first ${calls.count}" takes the run`],
    ...steps.map(() => ['step', undefined]),
    ['log', 'remote.started {"host":"x"}'],
  ])
})

test('a runner that was silent loses its run to another, and can change nothing any more', async () => {
  const id = await order()
  const lost = await take(first)
  calls.now += 60_000
  expect((await lost.say('heartbeat')).json).toEqual({ status: 'running', cancel: false })
  calls.now += 89_000
  expect(await poll(second)).toEqual({ status: 'idle' })
  calls.now += 1_000
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

test('whether the server is there can be asked without a token', async () => {
  for (const path of ['/health', '/api/health'])
    expect((await server.call('GET', path, { token: null })).json).toEqual({ status: 'ok' })
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
  const stranger = await issue(bob, `stranger ${calls.count}`)
  expect(await poll(stranger)).toEqual({ status: 'idle' })
  expect((await as(stranger, 'POST', `/runner/jobs/${id}/heartbeat`)).status).toBe(404)
  const own = (await as(bob, 'POST', '/projects', { name: `Own ${calls.count}` })).json
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
  const id = await order(`second ${calls.count}`)
  expect((await runOf(id)).compute.runner.name).toBe(`second ${calls.count}`)
  expect(await poll(first)).toEqual({ status: 'idle' })
  expect(await poll(second)).toMatchObject({ job: { runId: id } })
  const unknown = await as(alice, 'POST', `${project}/runs`, { ...ORDER, compute: { target: 'other' } })
  expect([unknown.status, unknown.json.errors[0].field]).toEqual([422, 'compute.target'])
  expect(unknown.json.error).toContain(`there are server, runner, `)
  const none = (await as(bob, 'POST', '/projects', { name: `None ${calls.count}` })).json
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
  for (const target of ['server', 'runner', `first ${calls.count}`]) {
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
  const [free, named] = [await order(), await order(`first ${calls.count}`)]
  const { say, runId } = await take(first)
  expect(runId).toBe(free)
  const { runners } = (await as(alice, 'GET', '/runners')).json
  const { id } = runners.find(({ name }: { name: string }) => name === `first ${calls.count}`)
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
