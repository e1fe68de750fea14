/** Runs travel with their project: their records always, their brains when asked for, and believed when they are verified. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { readTar, type TarFile, writeTar } from '@posterior/project'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccounts, startTestServer, type TestServer, until } from '../../../testing/test-server.ts'

const WEIGHTS = 'runs/v0_1/model/model.safetensors'
const ORDER = {
  prior: { id: 'coin-flip', overrides: { num_flips: [10, 14] } },
  evals: ['goal'],
  hyperparams: { steps: 2, batch_size: 2, eval_every: 0 },
  compute: { max_seconds: 600 },
}
let server: TestServer
let ann: string
let ben: string
/** One run that has a brain, one that was cancelled, and a draft. */
let archive: TarFile[]
// biome-ignore lint/suspicious/noExplicitAny: the JSON of an answer
let trained: any

const as = (token: string, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })

async function filesOf(token: string, project: string, query = ''): Promise<TarFile[]> {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${server.url}/projects/${project}/export${query}`, { headers })
  expect(answer.status).toBe(200)
  return readTar(gunzipSync(Buffer.from(await answer.arrayBuffer())), { maxEntries: 100 })
}

const importAs = (slug: string, files: readonly TarFile[]) =>
  server.call('POST', `/project-imports?slug=${slug}`, {
    token: ben,
    body: gzipSync(writeTar(files)),
    headers: { 'content-type': 'application/gzip' },
  })

const runOf = async (project: string, slug: string) =>
  (await as(ben, 'GET', `/projects/${project}/runs/${slug}`)).json
const brainOf = (id: string) => readFile(join(server.dataDir, 'runs', id, 'model', 'model.safetensors'))

beforeAll(async () => {
  server = await startTestServer({ env: { POSTERIOR_TRAINING_WORKERS: '1' } })
  ;[ann, ben] = (await createAccounts(server, 'ann-secret', 'ben')) as [string, string]
  await as(ann, 'POST', '/projects', { name: 'Coins' })
  await as(ann, 'POST', '/projects/coins/evals', { name: 'Goal', slug: 'goal', task: 'classification' })
  const order = async (change: object) =>
    (await as(ann, 'POST', '/projects/coins/runs', { ...ORDER, ...change })).json
  const { id } = await order({ description: 'the first' })
  await order({ status: 'draft' })
  await as(ann, 'POST', '/projects/coins/runs/v0_2/cancel')
  await order({ status: 'draft', slug: 'later' })
  const shown = async () => (await as(ann, 'GET', `/projects/coins/runs/${id}`)).json
  await until(async () => (await shown()).status === 'completed', 110_000)
  trained = await shown()
  archive = await filesOf(ann, 'coins', '?brains=true')
}, 120_000)
afterAll(() => server.close())

test('an archive has the records of runs, and nothing of this server in them', async () => {
  const records = await filesOf(ann, 'coins')
  expect(records.map(({ path }) => path).filter((path) => path.startsWith('runs/'))).toEqual([
    ...['runs/v0_1.yaml', 'runs/v0_2.yaml', 'runs/later.yaml'],
  ])
  const text = records.map(({ bytes }) => Buffer.from(bytes).toString()).join('\n')
  expect(text).toContain('status: "completed"')
  for (const secret of [server.dataDir, trained.id, trained.projectId, 'ann-secret']) {
    expect(text).not.toContain(secret)
    expect(archive.some(({ bytes }) => Buffer.from(bytes).includes(secret))).toBe(false)
  }
})

test('runs come back as they were, with their brains, and leave again as the same bytes', async () => {
  const { status, json } = await importAs('copy', archive)
  expect([status, json.runs, json.skipped]).toEqual([201, 3, []])
  const copy = await runOf('copy', 'v0_1')
  const { id, projectId, createdAt, startedAt, finishedAt, evals, results, ...same } = trained
  expect(copy).toMatchObject({ ...same, results: { ...results, has_brain: true } })
  expect(copy.evals[0]).toMatchObject({ slug: 'goal', version: evals[0].version })
  expect((await brainOf(copy.id)).equals(await brainOf(id))).toBe(true)
  expect((await runOf('copy', 'v0_2')).status).toBe('cancelled')
  expect(await runOf('copy', 'later')).toMatchObject({ status: 'draft', compute: { max_seconds: 600 } })
  const again = await filesOf(ben, 'copy', '?brains=true')
  const named = (files: readonly TarFile[]) =>
    new Map(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('base64')]))
  const [first, second] = [named(archive), named(again)]
  for (const path of ['runs/v0_1.yaml', 'runs/v0_2.yaml', 'runs/later.yaml', WEIGHTS]) {
    expect(second.get(path), path).toBe(first.get(path))
  }
})

test('a brain that is not the one of its run is left out, and so is a run that cannot be planned', async () => {
  const spoilt = archive.map(({ path, bytes }): TarFile => {
    if (path === WEIGHTS) return { path, bytes: bytes.subarray(0, bytes.length - 8) }
    return { path, bytes }
  })
  const alien = { path: 'runs/alien.yaml', bytes: Buffer.from('prior: {slug: nobody}\nevals: []\n') }
  const broken = { path: 'runs/broken.yaml', bytes: Buffer.from('prior: [') }
  const { status, json } = await importAs('spoilt', [...spoilt, alien, broken])
  expect(status).toBe(201)
  expect(json.runs).toBe(3)
  expect(json.skipped.map(({ path }: { path: string }) => path).sort()).toEqual([
    ...['runs/alien.yaml', 'runs/broken.yaml', 'runs/v0_1/model'],
  ])
  const run = await runOf('spoilt', 'v0_1')
  expect([run.status, run.results.has_brain, run.results.inputs]).toEqual(['completed', false, undefined])
  const body = { task: 'classification', context: { x: [[0], [1]], labels: [0, 1] }, query: { x: [[2]] } }
  const asked = await as(ben, 'POST', '/projects/spoilt/runs/v0_1/predict', body)
  expect([asked.status, asked.json.error_code]).toEqual([409, 'BRAIN_NOT_HERE'])
})

test('records alone come back without brains', async () => {
  const { json } = await importAs('records', await filesOf(ann, 'coins'))
  expect([json.runs, json.skipped]).toEqual([3, []])
  expect((await runOf('records', 'v0_1')).results).toMatchObject({ has_brain: false, steps: 2 })
})
