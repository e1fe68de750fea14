import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { failureOf, usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import { saveTinyModel } from '../../../../tests/support/tiny-model.ts'
import { Engine } from '../engine.ts'
import type { AnswerJob, NumbersAnswer } from './answer-job.ts'

const { root, settings } = usePredictor()
let engine: Engine

beforeAll(async () => {
  await saveTinyModel(join(root, 'brains'), { name: 'brain', seed: 4 })
  engine = await Engine.start({ modelsDir: settings.modelDirs, threads: 1, processes: 2 })
})
afterAll(() => engine.close())

const job: AnswerJob = {
  model: { folder: join(root, 'brains/brain') },
  task: 'regression',
  x: { rows: 3, columns: 1, values: Float64Array.of(1, 2, 3) },
  y: Float64Array.of(2, 4, 6),
  query: { rows: 2, columns: 1, values: Float64Array.of(1.5, 2.5) },
}

it('answers and forecasts in a child process, with a model of a folder, and writes nothing', async () => {
  const before = await readdir(root, { recursive: true })
  const answer = (await engine.answer(job)) as NumbersAnswer
  expect(answer.mean).toHaveLength(2)
  expect(answer.model.id).toBe('brain')
  const history = Float64Array.from({ length: 20 }, (_, i) => i % 4)
  expect((await engine.forecast({ model: job.model, history, horizon: 3 })).mean).toHaveLength(3)
  expect(await readdir(root, { recursive: true })).toEqual(before)
})

it('answers at the same time, each to whom it belongs', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => engine.answer({ ...job, y: job.y.map((y) => y + 1000 * i) })),
  )
  for (const [i, answer] of answers.entries()) {
    expect(Math.round((answer as NumbersAnswer).mean[0]! / 1000)).toBe(i)
  }
})

it('brings errors back, and drops what nobody waits for', async () => {
  expect((await failureOf(engine.answer({ ...job, model: { name: 'nobody' } }))).code).toBe('unknown_model')
  expect((await failureOf(engine.answer(job, AbortSignal.abort()))).code).toBe('aborted')
})
