/** Ridge columns through the whole of a fit and a prediction, with the tiny model. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '@posterior/tabular'
import { beforeAll, expect, test } from 'vitest'
import {
  expectClose,
  failureOf,
  query,
  train,
  usePredictor,
} from '../../../../tests/support/predictor-fixture.ts'
import { saveTinyModel } from '../../../../tests/support/tiny-model.ts'
import type { AnswerJob } from '../answer/answer-job.ts'
import { Predictor } from './predictor.ts'

const { fit, main, probabilities, root, settings, predictor } = usePredictor()

/** The tiny model as one that was trained with ridge columns. */
const model = 'with-ridge'
beforeAll(() => saveTinyModel(join(root, 'models'), { name: model, ridgeColumns: 1 }))

const stateOf = (contextDir: string) =>
  JSON.parse(readFileSync(join(contextDir, 'context.json'), 'utf8')).state.context

test('a model that was trained with them gets them unless the settings say no, another one only when asked', async () => {
  const plain = await probabilities(await fit())
  const asked = await probabilities(await fit({ options: { ensemble: { ridgeColumns: true } } }))
  const own = await probabilities(await fit({ model }))
  const without = await probabilities(await fit({ model, options: { ensemble: { ridgeColumns: false } } }))
  expectClose(without, plain, 0)
  expectClose(own, asked, 0)
  expect([...own]).not.toEqual([...plain])
})

test('they are columns of the model beyond those of the table, in every member, and do not count for its limits', async () => {
  const limits = { columns: train.x.columns.length }
  const contextDir = await fit({ options: { ensemble: { ridgeColumns: true, limits }, estimators: 3 } })
  const state = stateOf(contextDir)
  expect(state.columnCount).toBe(train.x.columns.length)
  const added = state.ridge.weights.length
  expect(added).toBeGreaterThan(0)
  for (const { order } of state.members) expect(order).toHaveLength(train.x.columns.length + added)
  const fewer = { columns: train.x.columns.length - 1 }
  const options = { ensemble: { ridgeColumns: true, limits: fewer }, ignoreTrainedRange: false }
  expect((await failureOf(fit({ options }))).code).toBe('beyond_model_limits')
})

test('a number has one, and a context with them answers the same from disk, in a format of its own', async () => {
  const contextDir = await fit({ task: 'regression', options: { ensemble: { ridgeColumns: true } } })
  const answer = await main(contextDir)
  const fresh = new Predictor(settings)
  const again = await fresh.predict({ contextDir, x: { table: query }, output: 'main' })
  await fresh.close()
  expect('mean' in again && [...again.mean]).toEqual([...answer.mean])
  expect(stateOf(contextDir).ridge.weights).toHaveLength(1)
  expect(readFileSync(join(contextDir, 'context.json'), 'utf8')).toMatch(/^\{"format":4,/)
})

test('a fit that they leave no memory for is refused before they are learned', async () => {
  const small = new Predictor({ ...settings, maxFitBytes: 400_000 })
  const error = await failureOf(fit({ options: { ensemble: { ridgeColumns: true } } }, small))
  await small.close()
  expect(error.code).toBe('too_large_for_memory')
})

test('answers from rows in one go have them too', async () => {
  const random = Random.fromSeed('answers')
  const rows = (count: number) => ({
    rows: count,
    columns: 3,
    values: random.fillNormal(new Float64Array(3 * count)),
  })
  const x = rows(40)
  const y = Float64Array.from({ length: 40 }, (_, i) => x.values[3 * i]! - x.values[3 * i + 1]!)
  const job = (name: string): AnswerJob => ({ task: 'regression', model: { name }, x, y, query: rows(5) })
  const [own, plain] = [await predictor.answer(job(model)), await predictor.answer(job('tiny'))]
  expect(own.task === 'regression' && own.mean.every(Number.isFinite)).toBe(true)
  expect(own).not.toMatchObject({ mean: 'mean' in plain ? plain.mean : [] })
})
