import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { makeTable, saveTinyModel } from '../../../tests/support/tiny-model.ts'
import { Engine, type EngineOptions } from './engine.ts'
import { EngineError } from './errors.ts'
import type { FitJob, ProbabilityPrediction } from './job.ts'
import type { PoolEvent } from './pool/worker-pool.ts'
import { Predictor } from './predictor/predictor.ts'

const root = mkdtempSync(join(tmpdir(), 'engine-test-'))
const modelsDir = join(root, 'models')
const train = makeTable(60)
const query = makeTable(25, 1).x
let engine: Engine
let folders = 0

async function start(options: Partial<EngineOptions> = {}): Promise<Engine> {
  return await Engine.start({ modelsDir, threads: 1, processes: 1, ...options })
}

async function startForTest(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const own = await start(options)
  onTestFinished(() => own.close({ drainMs: 0 }))
  return own
}

beforeAll(async () => {
  await saveTinyModel(modelsDir)
  engine = await start({ processes: 2 })
})

afterAll(async () => {
  await engine.close()
  rmSync(root, { recursive: true, force: true })
})

function fitJob(job: Partial<FitJob> = {}): FitJob {
  const contextDir = join(root, `context-${folders++}`)
  return { task: 'classification', x: { table: train.x }, y: { table: train.label }, contextDir, ...job }
}

function largeFit(): FitJob {
  const table = makeTable(5000)
  return fitJob({ x: { table: table.x }, y: { table: table.label }, options: { estimators: 32 } })
}

test('the size of the table to predict is told before the answer, and a job may be cancelled then', async () => {
  const { contextDir } = fitJob()
  await engine.fit(fitJob({ contextDir }))
  const abort = new AbortController()
  const sizes: unknown[] = []
  const large = { table: makeTable(50_000).x }
  const cancelled = engine.predict(
    { contextDir, x: large, output: 'probas' },
    abort.signal,
    () => {},
    (size) => {
      sizes.push(size)
      abort.abort()
    },
  )
  await expect(cancelled).rejects.toMatchObject({ code: 'aborted' })
  expect(sizes).toEqual([{ rows: 50_000, columns: query.columns.length }])
})

test('the size of the training rows of a fit with thinking is told before the search', async () => {
  const told: unknown[] = []
  const job = fitJob({ thinking: { effort: 'medium', seconds: 1e-6, minRows: 50 } })
  const fitting = engine.fit(job, undefined, undefined, (size) => told.push(size))
  await fitting.then(() => told.push('done'))
  expect(told).toEqual([{ rows: 60, columns: train.x.columns.length }, 'done'])
})

test('children answer exactly what the predictor answers in this process', async () => {
  const job = fitJob()
  const summary = await engine.fit(job)
  expect(summary).toMatchObject({ rowCount: 60, classes: ['Moth', 'ape', 'zebra'], model: { id: 'tiny' } })
  const answer = (await engine.predict({
    contextDir: job.contextDir,
    x: { table: query },
    output: 'probas',
  })) as ProbabilityPrediction
  const predictor = new Predictor({
    modelDirs: [modelsDir],
    threads: 1,
    contextCacheBytes: 0,
    maxFitBytes: 2 ** 30,
    maxFullRows: 400,
  })
  const own = fitJob()
  await predictor.fit(own)
  const expected = (await predictor.predict({
    contextDir: own.contextDir,
    x: { table: query },
    output: 'probas',
  })) as ProbabilityPrediction
  await predictor.close()
  expect([...answer.probabilities]).toEqual([...expected.probabilities])
})

test('a CSV goes in by path, relative paths too', async () => {
  const text = ['a,b,label']
  for (let i = 0; i < 40; i++) text.push(`${i / 10},${i % 2 ? 'left' : 'right'},${i > 20 ? 'yes' : 'no'}`)
  const path = join(root, 'train.csv')
  writeFileSync(path, `${text.join('\n')}\n`)
  const job = fitJob({ x: { path: relative(process.cwd(), path), format: 'csv' }, y: { column: 'label' } })
  expect(await engine.fit(job)).toMatchObject({ rowCount: 40, columnCount: 2, classes: ['no', 'yes'] })
  writeFileSync(join(root, 'test.csv'), 'b,a\nleft,1.5\n,3.5\n')
  const answer = (await engine.predict({
    contextDir: job.contextDir,
    x: { path: join(root, 'test.csv'), format: 'csv' },
    output: 'probas',
  })) as ProbabilityPrediction
  expect(answer.rowCount).toBe(2)
  expect(answer.probabilities).toHaveLength(4)
})

test('errors of a table arrive as they were thrown', async () => {
  writeFileSync(join(root, 'ragged.csv'), 'a,label\n1,x\n2,y,3\n')
  const job = fitJob({ x: { path: join(root, 'ragged.csv'), format: 'csv' }, y: { column: 'label' } })
  await expect(engine.fit(job)).rejects.toMatchObject({ name: 'TableError', code: 'csv_ragged' })
  await expect(engine.fit(fitJob({ model: 'nosuch' }))).rejects.toMatchObject({
    name: 'EngineError',
    code: 'unknown_model',
    retryable: false,
  })
})

test('a context outlives the engine that made it', async () => {
  const first = await startForTest()
  const job = fitJob()
  await first.fit(job)
  const ask = (on: Engine) =>
    on.predict({
      contextDir: job.contextDir,
      x: { table: query },
      output: 'probas',
    }) as Promise<ProbabilityPrediction>
  const before = await ask(first)
  await first.close()
  const second = await startForTest()
  const after = await ask(second)
  expect([before.cache, after.cache]).toEqual(['hit', 'miss'])
  expect([...after.probabilities]).toEqual([...before.probabilities])
  expect((await ask(second)).cache).toBe('hit')
})

test('predictions go to the child that holds the context', async () => {
  const jobs = [fitJob(), fitJob()]
  await Promise.all(jobs.map((job) => engine.fit(job)))
  for (const job of [...jobs, ...jobs]) {
    const { cache } = await engine.predict({
      contextDir: job.contextDir,
      x: { table: query },
      output: 'preds',
    })
    expect(cache).toBe('hit')
  }
})

test('a cancelled fit ends at once, leaves nothing behind, and the engine goes on', async () => {
  const events: PoolEvent[] = []
  const own = await startForTest({ onEvent: (event) => events.push(event) })
  const job = largeFit()
  const abort = new AbortController()
  const fit = own.fit(job, abort.signal, (done) => done >= 1 && abort.abort())
  const started = Date.now()
  await expect(fit).rejects.toMatchObject({ code: 'aborted' })
  expect(Date.now() - started).toBeLessThan(20_000)
  expect(readdirSync(root).filter((name) => name.endsWith('.tmp'))).toEqual([])
  await expect(
    own.predict({ contextDir: job.contextDir, x: { table: query }, output: 'preds' }),
  ).rejects.toMatchObject({ code: 'context_not_found' })
})

test('killing a child fails its fit as retryable, and a prediction is tried again', async () => {
  const pids: number[] = []
  const own = await startForTest({
    onEvent: (event) => event.type === 'child-started' && pids.push(event.pid),
  })
  const fit = own.fit(largeFit(), undefined, (done) => done === 1 && process.kill(pids.at(-1)!, 'SIGKILL'))
  const error = await fit.catch((reason) => reason)
  expect(error).toBeInstanceOf(EngineError)
  expect(error).toMatchObject({ code: 'worker_crashed', retryable: true })

  const job = fitJob()
  await own.fit(job)
  let kills = 0
  const wide = { table: makeTable(20_000, 1).x }
  const answer = own.predict({ contextDir: job.contextDir, x: wide, output: 'preds' }, undefined, (done) => {
    if (done !== 2 || kills > 0) return
    kills++
    process.kill(pids.at(-1)!, 'SIGKILL')
  })
  expect((await answer).rowCount).toBe(20_000)
  expect(kills).toBe(1)
  expect(own.stats.crashes).toBe(2)
})

test('installed models are listed, new ones too', async () => {
  expect((await engine.listModels()).models.map(({ id }) => id)).toEqual(['tiny'])
  await saveTinyModel(modelsDir, { name: 'later', seed: 3 })
  mkdirSync(join(modelsDir, 'broken'))
  writeFileSync(join(modelsDir, 'broken', 'manifest.json'), '{}')
  expect((await engine.fit(fitJob({ model: 'later' }))).model.id).toBe('later')
  const { models, problems } = await engine.listModels()
  expect(models.map(({ id }) => id)).toEqual(['later', 'tiny'])
  expect(problems.map(({ folderName }) => folderName)).toEqual(['broken'])
  const preferring = await startForTest({ defaultModel: 'tiny' })
  expect((await preferring.listModels()).models.map(({ id }) => id)).toEqual(['tiny', 'later'])
})

test('this process stays responsive while a child computes', async () => {
  const own = await startForTest()
  let ticks = 0
  const timer = setInterval(() => ticks++, 5)
  const started = performance.now()
  await own.fit(fitJob({ x: { table: makeTable(4000).x }, y: { table: makeTable(4000).label } }))
  const elapsed = performance.now() - started
  clearInterval(timer)
  expect(ticks).toBeGreaterThan(elapsed / 5 / 10)
})

test('settings that make no sense are refused at the start', async () => {
  await expect(start({ threads: 0 })).rejects.toMatchObject({ code: 'invalid_options' })
  await expect(start({ processes: 1.5 })).rejects.toMatchObject({ code: 'invalid_options' })
})

test('an engine starts without any model and says so when asked', async () => {
  const own = await startForTest({ modelsDir: join(root, 'nowhere') })
  expect((await own.listModels()).models).toEqual([])
  await expect(own.fit(fitJob())).rejects.toMatchObject({ code: 'unknown_model' })
  await vi.waitFor(() => expect(own.stats).toMatchObject({ processes: 1, busy: 0, waiting: 0 }))
})
