/** Models of blocks: what there is to compose, what is refused by its block, and what a run makes of them. */
import { blockListSchema, runSchema } from '@posterior/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakeTrainer } from '../../../testing/fake-trainer.ts'
import { createAccounts, startTestServer, type TestServer } from '../../../testing/test-server.ts'

let server: TestServer
let alice: string
let project: string

beforeAll(async () => {
  server = await startTestServer({ trainer: new FakeTrainer() })
  ;[alice] = (await createAccounts(server, 'alice')) as [string]
  project = `/projects/${(await as('POST', '/projects', { name: 'Blocks' })).json.id}`
})
afterAll(() => server.close())

const as = (method: string, path: string, body?: unknown) =>
  server.call(method, path, { token: alice, ...(body !== undefined && { body }) })

const EMBEDDER = { type: 'tabular_embedder', config: { d_model: 16, d_in: 2 } }
const ENCODER = { type: 'transformer_encoder', config: { n_heads: 2, n_layers: 1 } }
const HEAD = { type: 'quantile_head' }

test('blocks are listed with their fields, with and without /api, to whoever has a token', async () => {
  const { status, json } = await as('GET', '/blocks')
  expect(status).toBe(200)
  const { blocks } = blockListSchema.parse(json)
  expect(blocks.find(({ type }) => type === 'transformer_encoder')).toMatchObject({
    isHead: false,
    takes: ['one vector per row'],
    gives: null,
    fields: expect.arrayContaining([
      expect.objectContaining({ key: 'n_heads', kind: 'int', default: 8, min: 1, max: 64, step: 1 }),
    ]),
  })
  expect(blocks.filter(({ isHead }) => isHead).map(({ type }) => type)).toContain('class_vote')
  expect((await as('GET', '/api/blocks')).json).toEqual(json)
  expect((await server.call('GET', '/blocks', { token: null })).status).toBe(401)
})

test('a model of blocks is stored and shows its width', async () => {
  const made = await as('POST', `${project}/models`, { name: 'Small', blocks: [EMBEDDER, ENCODER, HEAD] })
  expect(made.status, made.text).toBe(201)
  expect((await as('GET', `${project}/models/small`)).json).toMatchObject({
    d_in: 2,
    blocks: [EMBEDDER, ENCODER, HEAD],
  })
})

test('the width of a vector inside a model is not taken for that of a row', async () => {
  const blocks = [
    { ...EMBEDDER, config: { d_model: 16 } },
    { type: 'mlp', config: { d_in: 16 } },
    ENCODER,
    HEAD,
  ]
  const { json } = await as('POST', `${project}/models`, { name: 'Open', blocks })
  expect(json).toMatchObject({ slug: 'open', d_in: null })
})

test.each([
  [
    [EMBEDDER, { ...ENCODER, config: { d_model: 128 } }, HEAD],
    'blocks.1',
    'd_model is 128, but block 1 gives 16',
  ],
  [[EMBEDDER, ENCODER], 'blocks', 'the model has no head'],
  [[EMBEDDER, { type: 'magic' }, HEAD], 'blocks.1', 'block 2 "magic": there is no such block'],
])('blocks that do not fit are refused by the one that is wrong: %j', async (blocks, field, message) => {
  for (const [method, path] of [
    ['POST', `${project}/models`],
    ['PATCH', `${project}/models/small`],
  ] as const) {
    const { status, json } = await as(method, path, { name: 'Small', blocks })
    expect([status, json.errors[0].field]).toEqual([422, field])
    expect(json.error).toContain(message)
  }
})

test('a run of composed blocks is accepted and shown without a size', async () => {
  const order = { prior: 'linear-regression', model: 'small', hyperparams: { steps: 3 } }
  const { status, json } = await as('POST', `${project}/runs`, order)
  expect([status, json.error]).toEqual([201, null])
  expect(runSchema.parse(json).model).toMatchObject({ slug: 'small', version: '0.1.0', size: null })
})
