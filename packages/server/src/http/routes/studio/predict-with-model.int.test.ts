/** The Predict API as programs use it: shapes, error texts and charges, with a predictor that knows the context's mean. */
import { studioErrorSchema, studioPredictionSchema } from '@posterior/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FakePredictor } from '../../../testing/fake-predictor.ts'
import {
  ADMIN_TOKEN,
  createAccounts,
  startTestServer,
  type TestServer,
  until,
  whenReady,
} from '../../../testing/test-server.ts'

const PATH = '/models/fake/predict'
const REGRESSION = { context: { x: [[1], [2], [3]], y: [2, 4, 6] }, query: { x: [[1.5], [2.5]] } }
const CLASSES = { context: { x: [[1], [2], [8]], labels: [-5, 3, 3] }, query: { x: [[1.5]] } }
const SERIES = { context: { y: [3, 5, 4, 3, null, 4] }, horizon: 3 }

const predictor = new FakePredictor()
let server: TestServer
let alice: string
let bob: string

beforeAll(async () => {
  server = await startTestServer({ predictor, env: { POSTERIOR_DAILY_TOKENS: '25000' } })
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
  await whenReady(server)
})
afterAll(() => server.close())

const ask = (body: unknown, path = PATH) => server.call('POST', path, { body })

test('a regression is answered with one number per row, and with intervals beside it', async () => {
  const { status, json, headers } = await ask(REGRESSION)
  expect(status).toBe(200)
  expect(headers.get('content-type')).toContain('application/json')
  studioPredictionSchema.strict().parse(json)
  expect(json).toMatchObject({ predictions: [4, 4], task: 'regression', context_size: 3, query_size: 2 })
  expect(json.interval).toBe(0.9)
  expect(json.lower).toEqual([expect.closeTo(3.55), expect.closeTo(3.55)])
  expect(json.upper).toEqual([expect.closeTo(4.45), expect.closeTo(4.45)])
  expect(Object.keys(json.quantiles)).toHaveLength(9)
  expect(json.quantiles['0.1']).toEqual([expect.closeTo(3.6), expect.closeTo(3.6)])
  expect(json.model).toBe('fake')
})

test('the interval, the levels and the distribution are those that are asked for', async () => {
  const { json } = await ask({ ...REGRESSION, interval: 0.5, quantiles: [0.25, 0.5], distribution: true })
  expect(json.lower[0]).toBeCloseTo(3.75)
  expect(json.upper[0]).toBeCloseTo(4.25)
  expect(Object.keys(json.quantiles)).toEqual(['0.25', '0.5'])
  expect(json.distribution.borders).toEqual([3, 4, 5])
  expect(json.distribution.logits).toHaveLength(2)
})

test('a classification is answered with the whole numbers of its labels, and with probabilities', async () => {
  const { json } = await ask(CLASSES)
  studioPredictionSchema.strict().parse(json)
  expect(json).toMatchObject({ predictions: [3], task: 'classification', classes: [-5, 3] })
  expect(json.probabilities[0][1]).toBeCloseTo(2 / 3)
})

test('a series is a column in x or a list in y, and is answered step by step', async () => {
  const { json } = await ask(SERIES)
  studioPredictionSchema.strict().parse(json)
  expect(json).toMatchObject({ task: 'time_series', context_size: 6, query_size: 3, lags: 8, season: null })
  expect(json.predictions).toHaveLength(3)
  for (const x of [
    [[3], [5], [4], [3]],
    [3, 5, 4, 3],
  ]) {
    const column = await ask({ task: 'time_series', context: { x }, query: { x: [[null], [null]] } })
    expect(column.json.predictions).toHaveLength(2)
  }
  const engineered = { context: { x: [[1, 2, 0, 1, 0.1]], y: [2] }, query: { x: [[2, 1, 0, 1, 0.2]] } }
  expect((await ask({ ...engineered, task: 'time_series' })).json.task).toBe('regression')
})

test('null and the bare word NaN are missing cells', async () => {
  const body = '{"context":{"x":[[1,NaN],[null,2]],"y":[1,2]},"query":{"x":[[NaN,null]]}}'
  expect((await ask(body)).status).toBe(200)
})

test('it is there with and without /api, for both schemes of tokens', async () => {
  for (const path of [PATH, `/api${PATH}`]) {
    for (const scheme of ['Bearer', 'Token']) {
      const headers = { authorization: `${scheme} ${ADMIN_TOKEN}` }
      const answer = await server.call('POST', path, { body: REGRESSION, token: null, headers })
      expect(answer.status).toBe(200)
    }
    const refused = await server.call('POST', path, { body: REGRESSION, token: null })
    expect([refused.status, refused.json.error]).toEqual([401, 'Unauthorized'])
  }
})

describe('what is wrong is said in the words of the contract', () => {
  const { context, query } = REGRESSION
  test.each([
    ['a narrow query', { context: { x: [[1, 2]], y: [1] }, query: { x: [[1]] } }, 2, 1],
    ['a ragged context', { context: { x: [[1, 2, 3], [1]], y: [1, 2] }, query }, 3, 1],
    ['a wide query', { context, query: { x: [[1, 2]] } }, 1, 2],
  ])('%s', async (_, body, expected, got) => {
    const { status, json } = await ask(body)
    expect([status, json.error]).toEqual([400, `Model expects ${expected} features per row but got ${got}.`])
    studioErrorSchema.parse(json)
  })

  test('targets and rows that differ in number', async () => {
    const { status, json } = await ask({ context: { x: [[1], [2]], y: [1] }, query })
    expect([status, json.error]).toEqual([400, 'context.x and context.y have different lengths'])
    const classes = await ask({ context: { x: [[1], [2]], labels: [1] }, query })
    expect(classes.json.error).toBe('context.x and context.labels have different lengths')
  })

  test.each([
    ['context.x[1][0]', { context: { x: [[1], ['a']], y: [1, 2] }, query }],
    ['query.x[0][0]', { context, query: { x: [[true]] } }],
    ['context.x[1]', { context: { x: [1, {}], y: [1, 2] }, query }],
    ['context.y[1]', { context: { x: [[1], [2]], y: [1, null] }, query }],
    ['context.labels[0]', { context: { x: [[1], [2]], labels: [0.5, 1] }, query }],
    ['context.x[0][0]', '{"context":{"x":[[1e999]],"y":[1]},"query":{"x":[[1]]}}'],
    ['context', { query }],
    ['context.x', { context: { y: [1] }, query }],
    ['context.x', { context: { x: [], y: [] }, query }],
    ['context.x[0]', { context: { x: [[]], y: [1] }, query }],
    ['context.y', { context: { x: [[1]] }, query }],
    ['context.y', { context: { ...context, labels: [1, 1, 2] }, query }],
    ['query.x', { context }],
    ['horizon', { ...REGRESSION, horizon: 3 }],
    ['horizon', { ...SERIES, horizon: 0 }],
    ['horizon', { task: 'time_series', context: SERIES.context }],
    ['horizon', { ...SERIES, query: { x: [[1]] } }],
    ['task', { ...REGRESSION, task: 'classification' }],
    ['interval', { ...REGRESSION, interval: 1 }],
    ['quantiles', { ...REGRESSION, quantiles: [] }],
    ['n_estimators', { ...REGRESSION, n_estimators: 0 }],
    ['body', [1]],
  ])('%s is named', async (field, body) => {
    const { status, json } = await ask(body)
    expect(status).toBe(422)
    studioErrorSchema.parse(json)
    expect(json.errors[0].field).toBe(field)
    expect(json.error).toBe(json.message)
    expect(json.error).toContain(field)
  })

  test('a body that is no JSON, another content type, an unknown model', async () => {
    expect((await ask('{"context":')).status).toBe(400)
    const headers = { 'content-type': 'text/plain' }
    expect((await server.call('POST', PATH, { body: '{}', headers })).status).toBe(415)
    const unknown = await ask(REGRESSION, '/models/nobody/predict')
    expect([unknown.status, unknown.json.error]).toEqual([404, 'Model "nobody" not found.'])
  })
})

test('sizes are checked before the engine is asked', async () => {
  const before = predictor.calls.answer
  const wide = { context: { x: [new Array(3000).fill(1)], y: [1] }, query: { x: [new Array(3000).fill(1)] } }
  const { status, json } = await ask(wide)
  expect([status, json.error_code]).toEqual([422, 'LIMIT_EXCEEDED'])
  const long = { context: { y: new Array(5000).fill(1) }, horizon: 1000, paths: 256 }
  expect((await ask(long)).json.error_code).toBe('LIMIT_EXCEEDED')
  expect(predictor.calls.answer).toBe(before)
})

test('a field that means nothing is named in a warning', async () => {
  const { json } = await ask({ ...REGRESSION, tag: 'causal', detect: true })
  expect(json.warnings).toEqual(['Fields that mean nothing here were ignored: "tag", "detect".'])
})

test('large answers leave in pieces and are the same JSON', async () => {
  const x = Array.from({ length: 3000 }, (_, i) => [i])
  const { json } = await ask({ ...REGRESSION, query: { x } })
  studioPredictionSchema.strict().parse(json)
  expect(json.predictions).toHaveLength(3000)
  expect(json.quantiles['0.9']).toHaveLength(3000)
})

test('each answer is charged to who asked, once for the same question, and not at all when it fails', async () => {
  const asAlice = (body: unknown) => server.call('POST', PATH, { body, token: alice })
  const left = async (token: string) =>
    Number((await server.call('POST', PATH, { body: {}, token })).headers.get('x-ratelimit-remaining'))
  expect(await left(alice)).toBe(25_000)
  predictor.failure = new Error('broken')
  expect((await asAlice(REGRESSION)).status).toBe(500)
  predictor.failure = undefined
  await until(async () => (await left(alice)) === 25_000)
  expect((await asAlice(REGRESSION)).status).toBe(200)
  expect((await asAlice(REGRESSION)).status).toBe(200)
  expect(await left(alice)).toBe(15_000)
  expect((await asAlice({ ...REGRESSION, interval: 0.8 })).status).toBe(200)
  const refused = await asAlice({ ...REGRESSION, interval: 0.7 })
  expect([refused.status, refused.json.error_code]).toEqual([429, 'INSUFFICIENT_QUOTA'])
  expect((await server.call('POST', PATH, { body: REGRESSION, token: bob })).status).toBe(200)
  expect(await left(bob)).toBe(15_000)
})
