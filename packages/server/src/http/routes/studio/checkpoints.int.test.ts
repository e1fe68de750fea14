/** What a run saved on its way, as its members see it, and nobody else. */
import { gunzipSync } from 'node:zlib'
import { checkpointListSchema } from '@posterior/contracts'
import { readTar } from '@posterior/project'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakeTrainer } from '../../../testing/fake-trainer.ts'
import { createAccounts, startTestServer, type TestServer, until } from '../../../testing/test-server.ts'

let server: TestServer
let trainer: FakeTrainer
let alice: string
let bob: string
let run: string

beforeAll(async () => {
  trainer = new FakeTrainer()
  server = await startTestServer({ trainer })
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
  const { json: project } = await as(alice, 'POST', '/projects', { name: 'Way' })
  const order = { prior: 'coin-flip', hyperparams: { steps: 3 } }
  const { json } = await as(alice, 'POST', `/projects/${project.id}/runs`, order)
  run = `/projects/${project.id}/runs/${json.id}`
  await until(() => trainer.started.length > 0)
  const [training] = trainer.started
  const score = { meta: {}, skipped: false, skip_reason: null }
  const tell = (step: unknown, slug: unknown, bce: number) =>
    training!.emit({ event: 'eval', fields: { slug, step, metrics: { bce }, ...score } })
  tell(2, 'held_out', 0.9)
  tell(2, 'held_out', 0.8)
  tell(2, 'coins', 0.7)
  tell(3, 'held_out', 0.6)
  // What a runner may tell.
  tell('2', 'broken', 0.1)
  tell(2, 5, 0.1)
  trainer.kept.set(
    json.id,
    new Map([
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ]),
  )
})
afterAll(() => server.close())

const as = (token: string, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })

const shown = async () => {
  const { status, json } = await as(alice, 'GET', `${run}/checkpoints`)
  expect(status).toBe(200)
  return checkpointListSchema.parse(json).checkpoints
}

test('checkpoints are listed by step with what was measured there, and the last is the brain once the run is completed', async () => {
  await until(async () => (await as(alice, 'GET', `${run}/events`)).json.events.length === 6)
  const found = await shown()
  expect(found.map(({ step, bytes, is_brain }) => [step, bytes, is_brain])).toEqual([
    [1, 3, false],
    [2, 3, false],
    [3, 5, false],
  ])
  expect(found[0]!.scores).toEqual({})
  const [of2, of3] = [found[1]!.scores, found[2]!.scores]
  expect(Object.keys(of2).sort()).toEqual(['coins', 'held_out'])
  expect([of2['held_out']!.metrics, of3['held_out']!.metrics]).toEqual([{ bce: 0.8 }, { bce: 0.6 }])
  trainer.started[0]!.finish()
  await until(async () => (await as(alice, 'GET', run)).json.status === 'completed')
  expect((await shown()).map(({ is_brain }) => is_brain)).toEqual([false, false, true])
})

test('a checkpoint comes as a folder of a model; one that is not there is not found', async () => {
  const url = `${server.url}/api${run}/checkpoints/2`
  const answer = await fetch(url, { headers: { authorization: `Token ${alice}` } })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/gzip'])
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="v0_1-2.tar.gz"')
  const files = readTar(gunzipSync(Buffer.from(await answer.arrayBuffer())), { maxEntries: 4 })
  expect(files.map(({ path, bytes }) => [path, String(bytes)])).toEqual([
    ['manifest.json', '{}'],
    ['model.safetensors', 'two'],
  ])
  const missing = await as(alice, 'GET', `${run}/checkpoints/7`)
  expect([missing.status, missing.json.error]).toEqual([404, 'Checkpoint 7 of run v0_1 not found.'])
  expect((await as(alice, 'GET', `${run}/checkpoints/last`)).status).toBe(422)
})

test('nobody else sees them', async () => {
  for (const path of [`${run}/checkpoints`, `${run}/checkpoints/2`]) {
    expect((await as(bob, 'GET', path)).status).toBe(404)
    expect((await server.call('GET', path, { token: null })).status).toBe(401)
  }
})
