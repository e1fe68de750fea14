/** Brains as programs ask them: addresses, roles, statuses and texts, over a trainer and a predictor that are not real. */
import { studioErrorSchema, studioPredictionSchema } from '@posterior/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakePredictor } from '../../../testing/fake-predictor.ts'
import { FakeTrainer, RESULTS } from '../../../testing/fake-trainer.ts'
import {
  createAccounts,
  startTestServer,
  type TestServer,
  until,
  whenReady,
} from '../../../testing/test-server.ts'

const QUESTION = { context: { x: [[1], [2], [3]], y: [2, 4, 6] }, query: { x: [[1.5], [2.5]] } }
const LINES = {
  ...{ kind: 'rows', task: 'regression', d_in: 1, columns: [1, 1], model_columns: [1, 1], rows: [5, 90] },
  ...{ classes: null, lags: null, season: null, groups: null },
} as const

const trainer = new FakeTrainer()
const predictor = new FakePredictor()
let server: TestServer
let alice: string
let bob: string
let project: string

beforeAll(async () => {
  server = await startTestServer({ trainer, predictor, env: { POSTERIOR_TRAINING_AT_ONCE: '64' } })
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
  await whenReady(server)
  const { json } = await as(alice, 'POST', '/projects', { name: 'Lines' })
  project = `/projects/${json.id}`
})
afterAll(() => server.close())

const as = (token: string | null, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })

async function order() {
  const { json } = await as(alice, 'POST', `${project}/runs`, { prior: 'linear-regression' })
  await until(() => trainer.started.some(({ id }) => id === json.id))
  return { ...json, training: trainer.started.find(({ id }) => id === json.id)! }
}

async function complete(): Promise<{ id: string; slug: string }> {
  const { id, slug, training } = await order()
  training.finish({ kind: 'completed', results: { ...RESULTS, inputs: { ...LINES } as never } })
  await until(async () => (await as(alice, 'GET', `${project}/runs/${id}`)).json.status === 'completed')
  return { id, slug }
}

test('a brain answers by id and slug of its run, by id and slug of its project, with and without /api', async () => {
  const { id, slug } = await complete()
  const first = await as(alice, 'POST', `${project}/runs/${id}/predict`, QUESTION)
  expect(first.status).toBe(200)
  studioPredictionSchema.strict().parse(first.json)
  expect(first.json).toMatchObject({ predictions: [4, 4], task: 'regression', model: slug })
  for (const path of [
    `${project}/runs/${slug}`,
    `/projects/lines/runs/${id}`,
    `/api${project}/runs/${slug}`,
  ]) {
    expect((await as(alice, 'POST', `${path}/predict`, QUESTION)).json).toEqual(first.json)
  }
  expect(predictor.lastModel).toEqual({ folder: expect.stringContaining(`${id}/model`) })
})

test('a viewer may ask, a stranger and a caller without a token may not', async () => {
  const { id } = await complete()
  const path = `${project}/runs/${id}/predict`
  const stranger = await as(bob, 'POST', path, QUESTION)
  expect([stranger.status, stranger.json.error_code]).toEqual([404, 'NOT_FOUND'])
  const { json: own } = await as(bob, 'POST', '/projects', { name: 'own' })
  const { json: members } = await as(bob, 'GET', `/projects/${own.id}/members`)
  const account = members.members[0].accountId
  await as(alice, 'POST', `${project}/members`, { account, role: 'viewer' })
  expect((await as(bob, 'POST', path, QUESTION)).status).toBe(200)
  // The run is found in its own project alone.
  expect((await as(bob, 'POST', `/projects/${own.id}/runs/${id}/predict`, QUESTION)).status).toBe(404)
  const anonymous = await as(null, 'POST', path, QUESTION)
  expect([anonymous.status, anonymous.json.error]).toEqual([401, 'Unauthorized'])
})

test('a run that is not completed is refused, whatever became of it', async () => {
  const ends = {
    running: () => {},
    failed: (training) => training.fail(new Error('broken')),
    skipped: (training) => training.finish({ kind: 'skipped', reason: 'nothing was learned' }),
    cancelled: ({ id }) => void as(alice, 'POST', `${project}/runs/${id}/cancel`),
  } satisfies Record<string, (training: (typeof trainer.started)[number]) => void>
  for (const [status, end] of Object.entries(ends)) {
    const { id, training } = await order()
    end(training)
    await until(async () => (await as(alice, 'GET', `${project}/runs/${id}`)).json.status === status)
    const refused = await as(alice, 'POST', `${project}/runs/${id}/predict`, QUESTION)
    expect([status, refused.status, refused.json.error]).toEqual([
      status,
      409,
      'Run is not in completed state',
    ])
    studioErrorSchema.parse(refused.json)
  }
})

test('a causal question is sent to the view of the run', async () => {
  const { id } = await complete()
  for (const body of [{ X: [[1, 2]] }, { task: 'discovery', context: { x: [[1]] } }]) {
    const { status, json } = await as(alice, 'POST', `${project}/runs/${id}/predict`, body)
    expect([status, json.error_code]).toEqual([400, 'DISCOVERY_NOT_HERE'])
    expect(json.error).toContain(`${project}/runs/${id}`)
  }
})

test('the width of the brain is said in the words of the contract, and shown with the run', async () => {
  const { id } = await complete()
  const wide = { context: { x: [[1, 2]], y: [1] }, query: { x: [[1, 2]] } }
  const { status, json } = await as(alice, 'POST', `${project}/runs/${id}/predict`, wide)
  expect([status, json.error]).toEqual([400, 'Model expects 1 features per row but got 2.'])
  expect((await as(alice, 'GET', `${project}/runs/${id}`)).json.results).toMatchObject({
    d_in: 1,
    inputs: LINES,
  })
})

test('a model shows the width of its last brain', async () => {
  const model = { name: 'Small', slug: 'small', size: 'quick' }
  const made = await as(alice, 'POST', `${project}/models`, model)
  expect(made.json).toMatchObject({ d_in: null, inputs: null })
  const { json } = await as(alice, 'POST', `${project}/runs`, { prior: 'linear-regression', model: 'small' })
  await until(() => trainer.started.some(({ id }) => id === json.id))
  const { finish } = trainer.started.find(({ id }) => id === json.id)!
  finish({ kind: 'completed', results: { ...RESULTS, inputs: { ...LINES } as never } })
  await until(async () => (await as(alice, 'GET', `${project}/runs/${json.id}`)).json.status === 'completed')
  expect((await as(alice, 'GET', `${project}/models/small`)).json).toMatchObject({ d_in: 1, inputs: LINES })
})
