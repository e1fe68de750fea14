/** Fits with thinking in the engine's processes, beside other requests. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTable, saveTinyModel } from '../../../../tests/support/tiny-model.ts'
import { Engine } from '../engine.ts'
import type { FitJob, ProbabilityPrediction } from '../job.ts'
import { Predictor } from '../predictor/predictor.ts'
import type { ThinkingOptions } from './thinking-job.ts'

const root = mkdtempSync(join(tmpdir(), 'thinking-engine-'))
const modelsDir = join(root, 'models')
const train = makeTable(60)
const query = makeTable(25, 1).x
let engine: Engine
let folders = 0

beforeAll(async () => {
  await saveTinyModel(modelsDir)
  engine = await Engine.start({ modelsDir, threads: 1, processes: 2, maxThinking: 1 })
})

afterAll(async () => {
  await engine.close()
  rmSync(root, { recursive: true, force: true })
})

function fitJob(thinking?: Partial<ThinkingOptions>): FitJob {
  const contextDir = join(root, `context-${folders++}`)
  return {
    task: 'classification',
    x: { table: train.x },
    y: { table: train.label },
    contextDir,
    ...(thinking && { thinking: { effort: 'medium', seconds: 600, minRows: 50, ...thinking } }),
  }
}

const answer = async (contextDir: string) =>
  ((await engine.predict({ contextDir, x: { table: query }, output: 'probas' })) as ProbabilityPrediction)
    .probabilities

test('a search in the processes gives the fit that a search in one process gives', async () => {
  const job = fitJob({})
  const summary = await engine.fit(job)
  const own = fitJob({})
  const predictor = new Predictor({
    modelDirs: [modelsDir],
    threads: 1,
    contextCacheBytes: 0,
    maxFitBytes: 2 ** 30,
    maxFullRows: 400,
  })
  const direct = await predictor.fit(own)
  await predictor.close()
  const choice = ({ chosen, score, candidates }: NonNullable<typeof direct.thinking>) => [
    chosen,
    score,
    candidates,
  ]
  expect(choice(summary.thinking!)).toEqual(choice(direct.thinking!))
  expect(await answer(job.contextDir)).toEqual(await answer(own.contextDir))
})

test('other fits and predictions get their turn while a search runs', async () => {
  const plain = fitJob()
  await engine.fit(plain)
  let isSearching = true
  const started = Promise.withResolvers<void>()
  const search = engine.fit(fitJob({ effort: 'high' }), undefined, () => started.resolve())
  void search.then(() => {
    isSearching = false
  })
  await started.promise
  await answer(plain.contextDir)
  await engine.fit(fitJob())
  expect(isSearching).toBe(true)
  expect((await search).thinking!.candidates).toBeGreaterThan(12)
})

test('a search that waits for its turn is refused at once when it cannot be done, and can be cancelled', async () => {
  const started = Promise.withResolvers<void>()
  const first = new AbortController()
  const running = engine.fit(fitJob({ effort: 'high' }), first.signal, () => started.resolve())
  await started.promise
  await expect(engine.fit(fitJob({ minRows: 61 }))).rejects.toMatchObject({ code: 'invalid_options' })
  const second = new AbortController()
  const job = fitJob({})
  const waiting = engine.fit(job, second.signal)
  second.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
  first.abort()
  await expect(running).rejects.toMatchObject({ code: 'aborted' })
  expect([existsSync(job.contextDir), existsSync(`${job.contextDir}.thinking`)]).toEqual([false, false])
})
