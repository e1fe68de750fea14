/** Samples of priors over HTTP: by slug and id, within bounds, and for nobody who may not see the prior. */
import { priorSamplesSchema } from '@posterior/contracts'
import { CATALOGUE } from '@posterior/prior'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccounts, startTestServer, type TestServer } from '../../../testing/test-server.ts'

let server: TestServer
let alice: string
let bob: string

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
})
afterAll(() => server.close())

const as = (token: string | null, path: string, body?: unknown) =>
  server.call('POST', path, { token, ...(body !== undefined && { body }) })
const sample = (handle: string, body?: unknown, token = alice) => as(token, `/priors/${handle}/sample`, body)

test('nine samples from seed 42 on are drawn when nothing is said, each from its own seed', async () => {
  const { status, json } = await sample('linear-regression')
  expect(status).toBe(200)
  priorSamplesSchema.strict().parse(json)
  expect(json.samples.map(({ seed }: { seed: number }) => seed)).toEqual([42, 43, 44, 45, 46, 47, 48, 49, 50])
  const { json: one } = await as(alice, '/api/priors/linear_regression/sample', { count: 1, seed: 45 })
  expect(one.samples).toEqual([json.samples[3]])
})

test.each(CATALOGUE.map(({ slug }) => slug))('%s gives every output that it declares', async (slug) => {
  const { json } = await sample(slug, { count: 2, seed: 1 })
  const prior = CATALOGUE.find((each) => each.slug === slug)!
  expect(json).toMatchObject({ prior_id: prior.id, kind: prior.kind, outputs: prior.outputs, overrides: {} })
  for (const drawn of json.samples) {
    expect(Object.keys(drawn).sort()).toEqual(['seed', ...prior.outputs.map(({ name }) => name)].sort())
  }
})

test('overrides hold, and what cannot be drawn is refused by its field', async () => {
  const order = { count: 1, overrides: { num_points: 20, noise_scale: [0.1, 0.2] } }
  const { json } = await sample('linear-regression', order)
  expect(json.samples[0].X).toHaveLength(20)
  const refused = [
    [{ count: 0 }, 'count'],
    [{ count: 101 }, 'count'],
    [{ seed: -1 }, 'seed'],
    [{ overrides: { unknown: 1 } }, 'overrides.unknown'],
    [{ overrides: { num_points: 'many' } }, 'overrides.num_points'],
    [{ count: 100, overrides: { num_points: 10_000, max_degree: 2 } }, 'overrides.max_degree'],
    [{ number: 3 }, 'number'],
  ] as const
  for (const [body, field] of refused) {
    const { status, json } = await sample('linear-regression', body)
    expect([body, status, json.errors?.[0].field]).toEqual([body, 422, field])
  }
  const many = await sample('linear-scm', { count: 100, overrides: { num_points: 10_000, d: 64 } })
  expect([many.status, many.json.errors?.[0].field]).toEqual([422, 'count'])
  expect(many.json.error).toContain('may have 1000000 cells')
})

test('a prior of a project that has no code stands for that of the catalogue', async () => {
  const { json: project } = await as(alice, '/projects', { name: 'Priors' })
  const make = async (body: unknown) => (await as(alice, `/projects/${project.id}/priors`, body)).json.id
  const named = await make({ name: 'Coin', slug: 'coin_flip' })
  expect((await sample(named, { count: 1 })).json.prior_id).toBe('coin_flip')
  expect((await sample(named, { count: 1 }, bob)).status).toBe(404)
  expect((await sample('nothing')).status).toBe(404)
  expect((await as(null, '/priors/coin-flip/sample')).json.error).toBe('Unauthorized')
})

const MODULE = `export default definePrior({
  outputs: [{ name: 'X', shape: '(n, 1)' }, { name: 'y', shape: '(n)' }],
  parameters: { n: { type: 'int', range: [20, 30] }, slope: { type: 'float', default: 2 } },
  sample(random, { n, slope }) {
    const x = random.normals(n)
    return { X: Array.from(x, (value) => [value]), y: x.map((value) => slope * value), extra: slope }
  },
})`

test('the code of a project is run where it reaches nothing, and what it draws is returned', async () => {
  const { json: project } = await as(alice, '/projects', { name: 'Modules' })
  const make = async (body: object) =>
    (await as(alice, `/projects/${project.id}/priors`, { implementation: 'prior.ts', ...body })).json.id
  const mine = await make({ name: 'Mine', code: MODULE })
  const { status, json } = await sample(mine, { count: 2, seed: 5, overrides: { n: 20, slope: 3 } })
  expect([status, json.prior_id, json.name]).toEqual([200, 'mine', 'Mine'])
  priorSamplesSchema.strict().parse(json)
  const [first] = json.samples
  expect([first.seed, first.X.length, first.extra]).toEqual([5, 20, 3])
  expect(first.y[0]).toBeCloseTo(3 * first.X[0][0], 12)
  expect((await sample(mine, { count: 2, seed: 5, overrides: { n: 20, slope: 3 } })).json).toEqual(json)
  expect((await sample(mine, {}, bob)).status).toBe(404)
  const wrong = await sample(mine, { overrides: { size: 3 } })
  expect([wrong.status, wrong.json.errors?.[0].field]).toEqual([422, 'overrides.size'])

  const broken = await make({
    name: 'Broken',
    code: MODULE.replace('random.normals(n)', "fetch('http://127.0.0.1')"),
  })
  const refused = await sample(broken, { count: 1, seed: 9, overrides: { n: 20 } })
  expect([refused.status, refused.json.errors?.[0].field]).toEqual([422, 'priorId'])
  expect(refused.json.error).toContain(
    'prior.ts:5:15: ReferenceError: fetch is not defined (a prior has no network)',
  )
  expect(refused.json.error).toContain('Drawn with parameters {"n":20,"slope":2}, seed 9.')
  const python = await make({ name: 'Python', implementation: 'prior.py', code: 'def sample(seed): pass' })
  expect((await sample(python)).json.error).toContain('this is Python')
  const empty = await make({ name: 'Empty' })
  expect((await sample(empty)).json.error_code).toBe('PRIOR_NOT_RUN')
  expect((await sample('coin-flip', { count: 1 })).status).toBe(200)
})
