/** Runs of a project, trained from the command line. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readTar } from '@posterior/project'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempDir } from '../../../../tests/support/temp-dir.ts'
import { runInProcess } from '../testing/run-in-process.ts'
import { conclude } from './train-run.ts'

const RUN =
  'id: "coins"\nprior: {id: "coin-flip", overrides: {num_flips: [10, 12]}}\nmodel: {id: "quick"}\nevals: [{id: "flips"}]\nhyperparams: {steps: 6, batch_size: 2, seed: 7, eval_every: 0}\n'

const EVAL =
  'id: "flips"\ntask: "classification"\ndataset: {name: "registry:flips@1.0.0", split: "test"}\nmetrics: [{name: "accuracy"}, {name: "nll"}]\n'
const FLIPS = `turn,face\n${Array.from({ length: 40 }, (_, i) => `${i},${i % 2}`).join('\n')}\n`

const folder = mkdtempSync(join(tmpdir(), 'posterior-train-'))

beforeAll(() => {
  mkdirSync(join(folder, 'runs'))
  writeFileSync(join(folder, 'runs/coins.yaml'), RUN)
  mkdirSync(join(folder, 'evals'))
  writeFileSync(join(folder, 'evals/flips.yaml'), EVAL)
  mkdirSync(join(folder, 'datasets/flips'), { recursive: true })
  writeFileSync(
    join(folder, 'datasets/flips/dataset.yaml'),
    'id: "flips"\nversion: "1.0.0"\ntarget: "face"\n',
  )
  writeFileSync(join(folder, 'datasets/flips/flips.csv'), FLIPS)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const train = (...args: string[]) => runInProcess(['train', ...args, '--dir', folder, '--workers', '1'])
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const hashOf = (path: string) => sha256(readFileSync(join(folder, path, 'model.safetensors')))
const results = () => JSON.parse(readFileSync(join(folder, 'runs/coins.results.json'), 'utf8'))

describe('a run of a project', () => {
  test('leads to a brain outside of version control, and to results in it', async () => {
    const { code, stdout, stderr } = await train('coins', '--json')
    expect(code, stderr).toBe(0)
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events[0]).toMatchObject({
      event: 'start',
      steps: 6,
      seed: 7,
      prior_id: 'coin_flip',
      model_id: 'quick',
    })
    expect(events.filter(({ event }) => event === 'step').map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5])
    expect(results()).toMatchObject({
      run: 'coins',
      status: 'completed',
      prior: { id: 'coin-flip', version: '1.0.0', overrides: { num_flips: [10, 12] } },
      hyperparams: { steps: 6, batch_size: 2, seed: 7 },
      results: { steps: 6, d_in: 1 },
      brain: { 'model.safetensors': { sha256: hashOf('runs/coins/model') } },
    })
    expect(JSON.stringify(results())).not.toContain(folder)
    expect(readFileSync(join(folder, 'runs/coins/.gitignore'), 'utf8')).toBe('*\n')
    expect(await runInProcess(['validate', folder])).toMatchObject({ code: 0 })
  })

  test('is scored on the dataset of the project that its eval names', () => {
    const { flips } = results().results.evals
    expect(flips, JSON.stringify(flips)).toMatchObject({
      skipped: false,
      metrics: { accuracy: expect.any(Number), nll: expect.any(Number) },
      meta: { dataset: 'registry:flips@1.0.0', sha256: sha256(FLIPS), query_rows: 10 },
    })
  })

  test('goes into an archive with its results, and with its brain if asked for', async () => {
    const out = join(folder, 'a.tar.gz')
    for (const flags of [[], ['--brains']]) {
      const { code, stderr } = await runInProcess(['export', folder, '--out', out, ...flags])
      expect([code, stderr]).toEqual([0, ''])
      const files = readTar(gunzipSync(readFileSync(out)), { maxEntries: 100 })
      const paths = files.map(({ path }) => path)
      const run = files.find(({ path }) => path === 'runs/coins.yaml')!
      expect(String(run.bytes)).toContain('status: "completed"')
      expect(String(run.bytes)).toContain('final_loss: ')
      expect(paths.filter((path) => path.includes('/model/'))).toEqual(
        flags.length === 0 ? [] : ['runs/coins/model/manifest.json', 'runs/coins/model/model.safetensors'],
      )
    }
  })

  test('is not trained twice, and the only run need not be named', async () => {
    const { code, stdout, stderr } = await train()
    expect([code, stdout]).toEqual([0, `${join(folder, 'runs/coins/model')}\n`])
    expect(stderr).toContain('is trained already')
  })

  test('that is stopped goes on, to the bytes of one that was not', async () => {
    const out = join(folder, 'runs/stopped')
    const args = ['train', 'coins', '--dir', folder, '--out', out, '--workers', '1', '--json']
    const stop = new AbortController()
    const watch = setInterval(() => {
      if (existsSync(join(out, 'run.json'))) stop.abort()
    }, 5)
    const first = await runInProcess(args, { signal: stop.signal }).finally(() => clearInterval(watch))
    expect(first).toMatchObject({ code: 130, stderr: expect.stringContaining('The same command goes on') })
    expect(existsSync(join(out, 'results.json'))).toBe(false)
    const second = await runInProcess(args)
    expect(second.code, second.stderr).toBe(0)
    expect(JSON.parse(second.stdout.split('\n')[0]!)).toMatchObject({ event: 'start', resumed: true })
    expect(hashOf('runs/stopped/model')).toBe(hashOf('runs/coins/model'))
  }, 180_000)

  test('of other settings does not take the place of one that is there, unless it is told to', async () => {
    const before = hashOf('runs/coins/model')
    expect(await train('coins', '--seed', '8')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('holds a run of other settings'),
    })
    expect(hashOf('runs/coins/model')).toBe(before)
    expect(await train('runs/coins.yaml', '--seed', '8', '--restart')).toMatchObject({ code: 0 })
    expect(hashOf('runs/coins/model')).not.toBe(before)
    expect(results().hyperparams.seed).toBe(8)
  })

  test.each([
    [['dice'], 1, 'There is no run "dice" in the project; it has coins'],
    [['coins', '--preset', 'nano'], 2, '--preset is for training into --out'],
    [['coins', '--steps', '3', '--minutes', '1'], 2, 'not both'],
  ])('%j is refused', async (args, code, message) => {
    expect(await train(...args)).toMatchObject({ code, stderr: expect.stringContaining(message) })
  })
})

describe('without a run', () => {
  test('a general model needs --out, and takes no options of runs', async () => {
    expect(await runInProcess(['train'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('or --out'),
    })
    const args = ['train', '--out', join(tempDir(), 'x'), '--restart']
    expect(await runInProcess(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--restart') })
  })
})

test.each([
  ['skipped', /was skipped, so there is no brain: nothing changed/],
  ['failed', /failed: nothing changed/],
] as const)('a run that %s is an error, and its results say so', async (kind, message) => {
  const dir = tempDir()
  const recipe = {
    prior: { id: null, slug: 'coin-flip', version: '1.0.0', overrides: {} },
    model: { id: null, slug: 'quick', version: null, size: 'quick' as const },
    evals: [],
    hyperparams: {},
  }
  const job = { slug: 'a', recipe, folder: dir, results: join(dir, 'a.results.json') }
  await expect(conclude(job, { kind, reason: 'nothing changed.' })).rejects.toThrow(message)
  expect(JSON.parse(readFileSync(job.results, 'utf8'))).toMatchObject({
    status: kind,
    error: { message: 'nothing changed.' },
  })
})
