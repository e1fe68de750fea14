/** push and export against a server, which trains nothing here. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readTar } from '@posterior/project'
import { type RunningServer, type StartOptions, startServer } from '@posterior/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tempDir } from '../../../../tests/support/temp-dir.ts'
import { runInProcess } from '../testing/run-in-process.ts'

const TOKEN = 'push-test-token'
const data = mkdtempSync(join(tmpdir(), 'posterior-push-'))
const folder = join(data, 'lines')
let server: RunningServer

const refuse = () => Promise.reject(new Error('no engine'))
const predictor: NonNullable<StartOptions['predictor']> = {
  ...{
    models: async () => [],
    fit: refuse,
    predict: refuse,
    answer: refuse,
    forecast: refuse,
    discover: refuse,
  },
  close: async () => {},
}

/** Takes runs and never ends one by itself. */
const trainer: NonNullable<StartOptions['trainer']> = {
  plan: async ({ prior }) => ({ plan: {}, prior: { ...prior, version: prior.version ?? '1.0.0' } }),
  start: () => {
    const { promise, resolve } = Promise.withResolvers<{ kind: 'stopped' }>()
    return { done: promise, stop: () => resolve({ kind: 'stopped' }) }
  },
  problemOf: async () => null,
  tables: async () => [],
  receive: refuse,
  receiveState: refuse,
  savedStep: async () => undefined,
  state: async () => undefined,
  brain: async () => undefined,
  checkpoints: async () => [],
  checkpoint: async () => undefined,
  list: async () => [],
  remove: async () => {},
}

beforeAll(async () => {
  const env = {
    POSTERIOR_PORT: '0',
    POSTERIOR_DATA_DIR: join(data, 'server'),
    POSTERIOR_ADMIN_TOKEN: TOKEN,
    POSTERIOR_LOG_LEVEL: 'silent',
  }
  server = await startServer({ env, predictor, trainer })
  await runInProcess(['init', folder])
  mkdirSync(join(folder, 'priors/own'), { recursive: true })
  writeFileSync(
    join(folder, 'priors/own/prior.yaml'),
    'id: "own"\nname: "Own"\nversion: "1.0.0"\nkind: "tabular"\nparameters: {}\noutputs: {variables: []}\nimplementation: "prior.ts"\nnote: "kept"\n',
  )
  writeFileSync(join(folder, 'priors/own/prior.ts'), 'export const x = 1\n')
  writeFileSync(join(folder, 'ROADMAP.md'), '# v0.1\n')
  mkdirSync(join(folder, 'initiatives'), { recursive: true })
  writeFileSync(join(folder, 'initiatives/0001-first.md'), 'A plan\n')
  mkdirSync(join(folder, 'datasets/pairs'), { recursive: true })
  writeFileSync(
    join(folder, 'datasets/pairs/dataset.yaml'),
    'id: pairs\nname: Pairs\nversion: "1.0.0"\ntarget: y\nfilename: table.csv\nlicense: CC0-1.0\ncitations: [gauss1809, {doi: "10.1/x"}]\n',
  )
  writeFileSync(join(folder, 'datasets/pairs/table.csv'), 'x,y\n1,2\n2,4\n3,6\n4,8\n')
  const earlier = join(folder, 'versions/models/small/0.0.9')
  mkdirSync(earlier, { recursive: true })
  writeFileSync(
    join(earlier, 'small.yaml'),
    'id: "small"\nname: "Small"\nversion: "0.0.9"\nblocks: []\nsize: "steady"\n',
  )
})
afterAll(async () => {
  await server?.close()
  rmSync(data, { recursive: true, force: true })
})

const push = (args: string[] = [], env: Record<string, string> = {}) =>
  runInProcess(['push', folder, ...args], {
    env: { POSTERIOR_URL: server.url, POSTERIOR_TOKEN: TOKEN, ...env },
  })
const outcomes = async (args: string[]) => {
  const { code, stdout, stderr } = await push([...args, '--json'])
  const { sent } = JSON.parse(stdout) as {
    sent: { kind: string; slug: string; version: string; outcome: string }[]
  }
  return {
    code,
    stderr,
    sent: sent.map(({ kind, slug, version, outcome }) => `${kind} ${slug} ${version} ${outcome}`),
  }
}

const ALL = [
  'dataset pairs 1.0.0',
  'eval in-context-regression-ols 0.1.0',
  'initiative 0001-first null',
  'model small 0.0.9',
  'model small 0.1.0',
  'prior bends 0.1.0',
  'prior own 1.0.0',
  'roadmap ROADMAP.md null',
]

test('a token that is not accepted, and a project that is not there, are said', async () => {
  const refused = await push([], { POSTERIOR_TOKEN: 'wrong' })
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining(`Issue one at ${server.url}/api-tokens`),
  ])
  expect((await push()).stderr).toContain('has no project "lines" for this token. --create makes it')
  const gone = await push(['--url', 'http://127.0.0.1:9'])
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('There is no answer from')])
})

test('a dry run says what would be sent, and sends nothing', async () => {
  const { code, sent } = await outcomes(['--create', '--dry-run'])
  expect([code, sent.toSorted()]).toEqual([0, ALL.map((each) => `${each} new`)])
  expect((await push()).stderr).toContain('has no project')
})

test('everything is sent once, all versions, and then it is unchanged', async () => {
  const first = await outcomes(['--create'])
  expect([first.code, first.sent.toSorted()]).toEqual([0, ALL.map((each) => `${each} new`)])
  expect(first.stderr).toContain('8 sent, 0 unchanged, 0 not sent')
  expect(first.stderr).toContain('2 run files not sent: --only runs sends them')
  for (const args of [[], ['--create'], ['--dry-run']]) {
    const again = await outcomes(args)
    expect([again.code, again.sent.toSorted()]).toEqual([0, ALL.map((each) => `${each} unchanged`)])
  }
  expect((await outcomes(['--only', 'priors'])).sent).toHaveLength(2)
})

test('what the server gives back is the folder, and has the same content in a new one', async () => {
  const out = join(tempDir(), 'a.tar.gz')
  const env = { POSTERIOR_TOKEN: TOKEN }
  const { code, stderr } = await runInProcess(['export', `lines@${server.url}`, '--out', out], { env })
  expect(code, stderr).toBe(0)
  const files = readTar(gunzipSync(readFileSync(out)), { maxEntries: 100 })
  const copy = tempDir()
  for (const { path, bytes } of files) {
    mkdirSync(join(copy, path, '..'), { recursive: true })
    writeFileSync(join(copy, path), bytes)
  }
  const back = await runInProcess(['push', copy, '--json'], { env: { ...env, POSTERIOR_URL: server.url } })
  expect(
    JSON.parse(back.stdout).sent.every(({ outcome }: { outcome: string }) => outcome === 'unchanged'),
  ).toBe(true)
  expect(JSON.parse(back.stdout).sent).toHaveLength(8)
})

test('a dataset is there with everything that its file says', async () => {
  const answer = await fetch(`${server.url}/projects/lines/datasets/pairs`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  expect(await answer.json()).toMatchObject({
    ...{ name: 'Pairs', filename: 'table.csv', numRows: 4, extra: { license: 'CC0-1.0' } },
    citations: ['gauss1809', { doi: '10.1/x' }],
  })
  const file = join(folder, 'datasets/pairs/dataset.yaml')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('CC0-1.0', 'MIT'))
  for (const args of [['--dry-run'], []]) {
    const { code, stdout } = await push(['--only', 'datasets', ...args])
    expect([code, stdout]).toEqual([1, expect.stringContaining('raise the version in the file')])
  }
  writeFileSync(file, text)
})

test('the roadmap and the plans of the folder take the place of those of the server', async () => {
  writeFileSync(join(folder, 'ROADMAP.md'), '# v0.2\n')
  writeFileSync(join(folder, 'initiatives/0001-first.md'), 'Another plan\n')
  const texts = ['--only', 'roadmap,initiatives']
  const sent = ['roadmap ROADMAP.md null', 'initiative 0001-first null']
  expect((await outcomes([...texts, '--dry-run'])).sent).toEqual(sent.map((each) => `${each} new`))
  expect((await outcomes(texts)).sent).toEqual(sent.map((each) => `${each} new`))
  expect((await outcomes(texts)).sent).toEqual(sent.map((each) => `${each} unchanged`))
  const answer = await fetch(`${server.url}/projects/lines`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  expect(((await answer.json()) as { roadmap: string }).roadmap).toBe('# v0.2\n')
})

test('a run is queued once; another run of its name is not', async () => {
  expect(await outcomes(['--only', 'runs'])).toMatchObject({
    code: 0,
    sent: ['run bends null new', 'run first null new'],
  })
  const again = await push(['--only', 'runs'])
  expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/unchanged: it is (queued|running)/)])
  const file = join(folder, 'runs/first.yaml')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('seed: 1', 'seed: 2'))
  const other = await push(['--only', 'runs'])
  expect([other.code, other.stdout]).toEqual([1, expect.stringContaining('another run with this id')])
  writeFileSync(file, text)
})

test('other content under a version is not sent, and the version is to be raised', async () => {
  const file = join(folder, 'models/small.yaml')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('name: "Small"', 'name: "Smaller"'))
  for (const args of [['--dry-run'], []]) {
    const { code, stdout, stderr } = await push(args)
    expect([code, stdout]).toEqual([1, expect.stringContaining('raise the version in the file')])
    expect(stderr).toContain('7 unchanged, 1 not sent')
  }
  writeFileSync(file, text.replace('name: "Small"', 'name: "Smaller"').replace('"0.1.0"', '"0.2.0"'))
  const raised = await outcomes([])
  expect([raised.code, raised.sent]).toEqual([0, expect.arrayContaining(['model small 0.2.0 new'])])
  writeFileSync(file, text.replace('name: "Small"', 'name: "Low"').replace('"0.1.0"', '"0.0.1"'))
  expect((await push()).stdout).toContain('A new version must be higher')
  writeFileSync(file, text)
})

test.each([
  [['--only', 'brains'], 2, "got 'brains'"],
  [['--project', 'other'], 1, 'has no project "other"'],
])('%j is refused', async (args, code, message) => {
  expect(await push(args)).toMatchObject({ code, stderr: expect.stringContaining(message) })
})
