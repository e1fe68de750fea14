/** Share links: what they open, when they end, and what they never tell. */
import {
  createdShareSchema,
  SHARE_LIMITS,
  sharedBrainSchema,
  shareListSchema,
  studioErrorSchema,
  studioPredictionSchema,
} from '@posterior/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakePredictor } from '../../../testing/fake-predictor.ts'
import { FakeTrainer, RESULTS } from '../../../testing/fake-trainer.ts'
import { mailLog } from '../../../testing/mail-log.ts'
import {
  createAccounts,
  startTestServer,
  type TestServer,
  temporaryFolder,
  until,
  whenReady,
} from '../../../testing/test-server.ts'

const QUESTION = { context: { x: [[1], [2], [3]], y: [2, 4, 6] }, query: { x: [[1.5], [2.5]] } }
const LINES = {
  ...{ kind: 'rows', task: 'regression', d_in: 1, columns: [1, 1], model_columns: [1, 1], rows: [5, 90] },
  ...{ classes: null, lags: null, season: null, groups: null },
} as const
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000'

const trainer = new FakeTrainer()
const predictor = new FakePredictor()
const { log, lines } = mailLog()
let now = Date.parse('2026-11-22T12:00:00Z')
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let server: TestServer
let alice: string
let bob: string
let project: string

async function start() {
  server = await startTestServer({
    ...{ trainer, predictor, log, dataDir: folder.path, clock: { now: () => now } },
    env: {
      POSTERIOR_TRAINING_AT_ONCE: '64',
      POSTERIOR_SHARE_CALLS_PER_MINUTE: '30',
      POSTERIOR_SHARE_CALLS_PER_ADDRESS: '200',
    },
  })
  await whenReady(server)
}

beforeAll(async () => {
  folder = await temporaryFolder()
  await start()
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
  project = await makeProject(alice)
})
afterAll(async () => {
  await server.close()
  await folder.cleanUp()
})

const as = (token: string | null, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })
const ask = (token: string, body: unknown = QUESTION) => as(null, 'POST', `/shares/${token}/predict`, body)

let count = 0
async function makeProject(token: string): Promise<string> {
  return `/projects/${(await as(token, 'POST', '/projects', { name: `Secret plan ${++count}` })).json.id}`
}

/** The path of a completed run. */
async function makeBrain(inProject = project): Promise<string> {
  const { json } = await as(alice, 'POST', `${inProject}/runs`, { prior: 'linear-regression' })
  await until(() => trainer.started.some(({ id }) => id === json.id))
  const { finish } = trainer.started.find(({ id }) => id === json.id)!
  finish({ kind: 'completed', results: { ...RESULTS, inputs: { ...LINES } as never } })
  const path = `${inProject}/runs/${json.id}`
  await until(async () => (await as(alice, 'GET', path)).json.status === 'completed')
  return path
}

async function share(run: string, order: unknown = {}) {
  const { status, json, headers } = await as(alice, 'POST', `${run}/shares`, order)
  expect([status, json.error]).toEqual([201, undefined])
  expect(headers.get('cache-control')).toBe('no-store')
  return createdShareSchema.strict().parse(json)
}

const listed = async (run: string) =>
  shareListSchema.strict().parse((await as(alice, 'GET', `${run}/shares`)).json).shares

/** A refusal, less what differs from request to request. */
async function refusal(token: string) {
  const { status, json } = await ask(token)
  studioErrorSchema.parse(json)
  return [status, { ...json, trace_id: '' }]
}

test('a link answers without an account as its run does with one, and tells what a form needs', async () => {
  const run = await makeBrain()
  const { token, url, ...made } = await share(run, { label: 'For the lab' })
  expect(token).toMatch(/^psh_[\w-]{43}$/)
  expect(url).toBe(`${server.url}/shares/${token}/predict`)
  expect(made).toMatchObject({ label: 'For the lab', prefix: token.slice(0, 12), calls: 0, max_calls: null })

  const own = (await as(alice, 'POST', `${run}/predict`, QUESTION)).json
  for (const path of [`/shares/${token}`, `/api/shares/${token}`]) {
    const { status, json } = await as(null, 'POST', `${path}/predict`, QUESTION)
    expect(status).toBe(200)
    studioPredictionSchema.strict().parse(json)
    expect(json).toEqual({ ...own, model: 'this brain' })
    const shown = (await as(null, 'GET', path)).json
    expect(sharedBrainSchema.strict().parse(shown)).toMatchObject({
      task: 'regression',
      d_in: 1,
      inputs: LINES,
    })
  }
  const [seen] = await listed(run)
  expect(seen).toMatchObject({ id: made.id, calls: 2, last_used_at: new Date(now).toISOString() })
  expect(seen).not.toHaveProperty('token')
})

test('nothing of the project is in what a link answers, also when the question is wrong', async () => {
  const run = await makeBrain()
  const { token } = await share(run, { label: 'Internal label' })
  const [projectId, runId] = [project.split('/')[2]!, run.split('/')[4]!]
  const bodies = [
    QUESTION,
    { X: [[1]] },
    { context: { x: [[1, 2]], y: [1] }, query: { x: [[1, 2]] } },
    { context: { x: [[1]], labels: [1] }, query: { x: [[1]] } },
    { ...QUESTION, n_estimators: 5 },
    '{"context":',
  ]
  const texts = await Promise.all(bodies.map(async (body) => (await ask(token, body)).text))
  texts.push((await as(null, 'GET', `/shares/${token}`)).text)
  for (const text of texts) {
    for (const secret of [projectId, runId, 'Secret plan', 'Internal label', 'v0_', token, 'linear']) {
      expect(text).not.toContain(secret)
    }
  }
  expect(JSON.parse(texts[2]!).error).toBe('Model expects 1 features per row but got 2.')
  // A question without an answer is no call.
  expect((await listed(run))[0]?.calls).toBe(1)
})

test('unknown, revoked, over and used up are refused with the same words', async () => {
  const run = await makeBrain()
  const revoked = await share(run)
  const over = await share(run, { expires_in_days: 1 })
  const dated = await share(run, { expires_at: new Date(now + 60_000).toISOString() })
  const used = await share(run, { max_calls: 1 })
  for (const { token } of [revoked, over, dated, used]) expect((await ask(token)).status).toBe(200)
  const unknown = await refusal('psh_unknown')
  expect(unknown).toEqual([404, expect.objectContaining({ error: 'This link does not work.' })])
  expect(await refusal(used.token)).toEqual(unknown)
  for (let i = 0; i < 2; i++) {
    expect((await as(alice, 'DELETE', `${run}/shares/${revoked.id}`)).status).toBe(200)
  }
  expect(await refusal(revoked.token)).toEqual(unknown)
  now += 60_000
  expect(await refusal(dated.token)).toEqual(unknown)
  now += 86_400_000 - 60_001
  expect((await ask(over.token)).status).toBe(200)
  now += 1
  expect(await refusal(over.token)).toEqual(unknown)
  expect((await as(null, 'GET', `/shares/${over.token}`)).status).toBe(404)
  const ended = (await listed(run)).filter(({ revoked_at }) => revoked_at !== null)
  expect(ended.map(({ id }) => id)).toEqual([revoked.id])
})

test('calls at the same time get no more answers than the link has, also after a restart', async () => {
  const run = await makeBrain()
  const { token } = await share(run, { max_calls: 5 })
  const statuses = (await Promise.all(Array.from({ length: 12 }, () => ask(token)))).map(
    ({ status }) => status,
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(5)
  expect(statuses.filter((status) => status === 404)).toHaveLength(7)
  const other = await share(run, { max_calls: 2 })
  expect((await ask(other.token)).status).toBe(200)
  await server.close()
  await start()
  expect((await ask(token)).status).toBe(404)
  expect((await ask(other.token)).status).toBe(200)
  expect((await ask(other.token)).status).toBe(404)
})

test('a call that fails is given back', async () => {
  const run = await makeBrain()
  const { token } = await share(run, { max_calls: 1 })
  predictor.failure = new Error('broken')
  expect((await ask(token)).status).toBe(500)
  predictor.failure = undefined
  expect((await ask(token)).status).toBe(200)
})

test('a link ends with its run, its project, and the role of who made it', async () => {
  const run = await makeBrain()
  const { token } = await share(run)
  await as(alice, 'DELETE', run)
  expect((await ask(token)).status).toBe(404)

  const second = await makeProject(alice)
  const other = await share(await makeBrain(second))
  await as(alice, 'DELETE', second)
  expect((await ask(other.token)).status).toBe(404)

  const third = await makeProject(alice)
  const shared = await makeBrain(third)
  const { json: own } = await as(bob, 'POST', '/projects', { name: 'own' })
  const { json } = await as(bob, 'GET', `/projects/${own.id}/members`)
  const account = json.members[0].accountId
  await as(alice, 'POST', `${third}/members`, { account, role: 'editor' })
  const bobs = (await as(bob, 'POST', `${shared}/shares`, {})).json.token
  expect((await ask(bobs)).status).toBe(200)
  await as(alice, 'PATCH', `${third}/members/${account}`, { role: 'viewer' })
  expect((await ask(bobs)).status).toBe(404)
})

test('editors make and revoke links, viewers see them, strangers find nothing', async () => {
  const home = await makeProject(alice)
  const run = await makeBrain(home)
  const { id } = await share(run)
  const [viewer, stranger] = (await createAccounts(server, 'viewer', 'stranger')) as [string, string]
  const { json: own } = await as(viewer, 'POST', '/projects', { name: 'own' })
  const { json } = await as(viewer, 'GET', `/projects/${own.id}/members`)
  await as(alice, 'POST', `${home}/members`, { account: json.members[0].accountId, role: 'viewer' })
  const calls = [
    ['GET', `${run}/shares`, 200],
    ['POST', `${run}/shares`, 403, {}],
    ['DELETE', `${run}/shares/${id}`, 403],
  ] as const
  for (const [method, path, status, body] of calls) {
    expect([path, (await as(viewer, method, path, body)).status]).toEqual([path, status])
    const foreign = await as(stranger, method, path, body)
    expect([path, foreign.status, foreign.json.error_code]).toEqual([path, 404, 'NOT_FOUND'])
  }
  expect((await as(alice, 'DELETE', `${run}/shares/${UNKNOWN_ID}`)).status).toBe(404)
  // A link is revoked through its own run alone.
  const other = await makeBrain(home)
  expect((await as(alice, 'DELETE', `${other}/shares/${id}`)).status).toBe(404)
})

test('an order that makes no sense is refused by its field, and so is a run without a brain', async () => {
  const run = await makeBrain()
  const refused = [
    [{ expires_at: new Date(now).toISOString() }, 'expires_at'],
    [{ expires_at: '9999-01-01T00:00:00Z' }, 'expires_at'],
    [{ expires_at: new Date(now + 1000).toISOString(), expires_in_days: 1 }, 'expires_in_days'],
    [{ expires_in_days: 0 }, 'expires_in_days'],
    [{ max_calls: 0 }, 'max_calls'],
    [{ max_calls: 1.5 }, 'max_calls'],
    [{ forever: true }, 'forever'],
  ] as const
  for (const [body, field] of refused) {
    const { status, json } = await as(alice, 'POST', `${run}/shares`, body)
    expect([body, status, json.errors?.[0].field]).toEqual([body, 422, field])
  }
  const { json } = await as(alice, 'POST', `${project}/runs`, { prior: 'linear-regression' })
  const early = await as(alice, 'POST', `${project}/runs/${json.id}/shares`, {})
  expect([early.status, early.json.error]).toEqual([409, 'Run is not in completed state'])
})

test('what callers without an account may send is bounded, before anything is computed', async () => {
  const { token } = await share(await makeBrain())
  const before = predictor.calls.answer
  const rows = (length: number) => Array.from({ length }, () => [1])
  const bodies = [
    { context: { x: rows(SHARE_LIMITS.context_rows + 1), y: rows(10_001).flat() }, query: { x: [[1]] } },
    { ...QUESTION, query: { x: rows(SHARE_LIMITS.query_rows + 1) } },
    { ...QUESTION, n_estimators: SHARE_LIMITS.n_estimators + 1 },
  ]
  for (const body of bodies) expect((await ask(token, body)).status).toBe(422)
  const huge = { context: { x: ['1'.repeat(SHARE_LIMITS.body_bytes)], y: [1] } }
  expect((await ask(token, huge)).status).toBe(413)
  expect(predictor.calls.answer).toBe(before)
})

test('a link and an address may call so often in a minute', async () => {
  now += 3_600_000
  const { token } = await share(await makeBrain())
  const other = await share(await makeBrain())
  const burst = async (which: string, calls: number) => {
    let last = await as(null, 'GET', `/shares/${which}`)
    for (let i = 1; i < calls; i++) last = await as(null, 'GET', `/shares/${which}`)
    return last
  }
  expect((await burst(token, 30)).status).toBe(200)
  const refused = await burst(token, 1)
  expect([refused.status, refused.json.error_code, refused.headers.get('retry-after')]).toEqual([
    429,
    'SHARE_PAUSED',
    '60',
  ])
  expect((await burst(other.token, 1)).status).toBe(200)
  expect((await burst('psh_guess', 168)).status).toBe(404)
  expect((await burst('psh_guess', 1)).status).toBe(429)
  now += 60_000
  expect((await burst(token, 1)).status).toBe(200)
})

test('no token of a link is ever in the log, however its path is written', async () => {
  const { token } = await share(await makeBrain())
  await ask(token)
  const paths = [
    `/shares/${token}`,
    `/api//shares/${token}/`,
    `/shares/${token}/nothing`,
    `/%73hares/${token}/nothing`,
    `/shares/${token}%zz`,
    `/api/shares/${token}/predict?tag=1`,
  ]
  for (const path of paths) for (const method of ['GET', 'PUT']) await as(null, method, path)
  const secret = token.slice(4)
  await until(() => lines.some((line) => line.includes('/shares/:token')))
  expect(lines.filter((line) => line.includes(secret))).toEqual([])
})
