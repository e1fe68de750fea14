/** Brains of graphs as programs ask them, over a trainer and a predictor that are not real. */
import { discoverySchema, studioErrorSchema } from '@posterior/contracts'
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

const GRAPHS = {
  ...{
    kind: 'table',
    task: 'discovery',
    d_in: null,
    columns: [3, 8],
    model_columns: [3, 8],
    rows: [100, 400],
  },
  ...{ classes: null, lags: null, season: null, groups: null },
} as const
const TABLE = {
  X: [
    [1, 2, null],
    [4, 5, 6],
    [0, 0.5, 1],
  ],
}

const trainer = new FakeTrainer()
let server: TestServer
let alice: string
let bob: string
let project: string

beforeAll(async () => {
  const env = { POSTERIOR_TRAINING_AT_ONCE: '9' }
  server = await startTestServer({ trainer, predictor: new FakePredictor(), env })
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
  await whenReady(server)
  project = `/projects/${(await as(alice, 'POST', '/projects', { name: 'Causes' })).json.id}`
})
afterAll(() => server.close())

const as = (token: string, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })

/** A run of a causal prior; with `inputs`, one that is complete. */
async function makeRun(inputs?: object): Promise<{ id: string; slug: string }> {
  const { json } = await as(alice, 'POST', `${project}/runs`, { prior: 'chain-scm' })
  if (!inputs) return json
  await until(() => trainer.started.some(({ id }) => id === json.id))
  const results = { ...RESULTS, inputs: inputs as never }
  trainer.started.find(({ id }) => id === json.id)!.finish({ kind: 'completed', results })
  await until(async () => (await as(alice, 'GET', `${project}/runs/${json.id}`)).json.status === 'completed')
  return json
}

test('a brain of discovery answers with a graph, and refuses to predict with the place where it does', async () => {
  const { id, slug } = await makeRun(GRAPHS)
  const { status, json } = await as(alice, 'POST', `${project}/runs/${slug}/discover`, TABLE)
  expect(status).toBe(200)
  expect(discoverySchema.strict().parse(json)).toMatchObject({
    threshold: 0.5,
    probabilities: [
      [0, 0.75, 0.125],
      [0.125, 0, 0.75],
      [0.125, 0.125, 0],
    ],
    adjacency: [
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ],
    edges: [
      { from: 0, to: 1, probability: 0.75 },
      { from: 1, to: 2, probability: 0.75 },
    ],
  })
  const low = await as(alice, 'POST', `/api${project}/runs/${id}/discover`, { ...TABLE, threshold: 0.1 })
  expect(low.json.edges).toHaveLength(6)

  const question = { context: { x: [[1, 2]], y: [3] }, query: { x: [[1, 2]] } }
  for (const body of [question, TABLE]) {
    const refused = await as(alice, 'POST', `${project}/runs/${slug}/predict`, body)
    expect([refused.status, refused.json.error_code]).toEqual([400, 'DISCOVERY_NOT_HERE'])
    expect(refused.json.error).toContain(`${project}/runs/${id}`)
  }
})

test('what cannot be asked is refused by its field', async () => {
  const { slug } = await makeRun(GRAPHS)
  const path = `${project}/runs/${slug}/discover`
  for (const [body, field] of [
    [{ X: [[1, 2], [1]] }, 'X.1'],
    [
      {
        X: [
          [1, 2],
          [1, 2, 3],
        ],
      },
      'X.1',
    ],
    [{ X: [[1, 2]] }, 'X'],
    [{ ...TABLE, threshold: 2 }, 'threshold'],
    [{ ...TABLE, y: [1] }, 'y'],
  ] as const) {
    const { status, json } = await as(alice, 'POST', path, body)
    expect([status, json.errors[0].field]).toEqual([422, field])
    expect(studioErrorSchema.parse(json).error.length).toBeGreaterThan(0)
  }
  const rows = await makeRun({ ...GRAPHS, kind: 'rows', task: 'regression' })
  const wrong = await as(alice, 'POST', `${project}/runs/${rows.slug}/discover`, TABLE)
  expect([wrong.status, wrong.json.errors[0].field]).toEqual([422, 'X'])
})

test('another account finds no run there, and one that trains has no graph yet', async () => {
  const { id } = await makeRun()
  expect((await as(bob, 'POST', `${project}/runs/${id}/discover`, TABLE)).status).toBe(404)
  const early = await as(alice, 'POST', `${project}/runs/${id}/discover`, TABLE)
  expect([early.status, early.json.error_code]).toEqual([409, 'RUN_NOT_COMPLETED'])
})

test('a link to a brain of discovery answers with the graph, as often and as long as it says', async () => {
  const { id, slug } = await makeRun(GRAPHS)
  const { json: link } = await as(alice, 'POST', `${project}/runs/${slug}/shares`, { max_calls: 2 })
  const ask = (body: unknown, token = link.token, prefix = '') =>
    server.call('POST', `${prefix}/shares/${token}/discover`, { token: null, body })
  const own = await as(alice, 'POST', `${project}/runs/${id}/discover`, { ...TABLE, threshold: 0.1 })
  const shared = await ask({ ...TABLE, threshold: 0.1 })
  expect([shared.status, shared.json]).toEqual([200, own.json])
  expect(shared.headers.get('cache-control')).toBe('no-store')
  // What is refused is not counted.
  const ragged = await ask({
    X: [
      [1, 2],
      [1, 2, 3],
      [1, 2],
    ],
  })
  expect([ragged.status, ragged.json.errors[0].field]).toEqual([422, 'X.1'])
  expect((await ask({ X: 'all' })).status).toBe(422)
  const predicted = await server.call('POST', `/shares/${link.token}/predict`, {
    ...{ token: null, body: { context: { x: [[1, 2]], y: [3] }, query: { x: [[1, 2]] } } },
  })
  expect([predicted.status, predicted.json.error_code]).toEqual([400, 'DISCOVERY_NOT_HERE'])
  expect(predicted.text).not.toContain(project)
  expect((await ask(TABLE, link.token, '/api')).status).toBe(200)
  const [{ calls }] = (await as(alice, 'GET', `${project}/runs/${slug}/shares`)).json.shares
  expect(calls).toBe(2)
  for (const refused of [
    await ask(TABLE),
    await ask({ X: 'all' }, 'unknown'),
    await ask(TABLE, 'x'.repeat(99)),
  ]) {
    expect([refused.status, refused.json.error]).toEqual([404, 'This link does not work.'])
  }
})

test('a link to a brain of rows has no graph, and one that is revoked answers nothing', async () => {
  const { slug } = await makeRun({ ...GRAPHS, kind: 'rows', task: 'regression' })
  const { json: link } = await as(alice, 'POST', `${project}/runs/${slug}/shares`, {})
  const ask = () => server.call('POST', `/shares/${link.token}/discover`, { token: null, body: TABLE })
  const wrong = await ask()
  expect([wrong.status, wrong.json.errors[0].field]).toEqual([422, 'X'])
  await as(alice, 'DELETE', `${project}/runs/${slug}/shares/${link.id}`)
  expect((await ask()).status).toBe(404)
})
