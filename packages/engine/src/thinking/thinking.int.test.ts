/** Fits with thinking over a model of random weights: what they leave on disk and how they answer. */
import { existsSync, readdirSync } from 'node:fs'
import { takeRows } from '@posterior/tabular'
import { expect, test } from 'vitest'
import {
  expectClose,
  failureOf,
  query,
  train,
  usePredictor,
} from '../../../../tests/support/predictor-fixture.ts'
import { makeTable } from '../../../../tests/support/tiny-model.ts'
import type { FitJob, FitSummary, PointPrediction, QuantilePrediction } from '../job.ts'
import { Predictor } from '../predictor/predictor.ts'
import type { ThinkingOptions } from './thinking-job.ts'

const { fit, newFolder, predict, predictor, probabilities, root, settings } = usePredictor()

const PATIENT: ThinkingOptions = { effort: 'medium', seconds: 600, minRows: 50 }

async function think(
  job: Partial<FitJob> = {},
  thinking: Partial<ThinkingOptions> = {},
): Promise<{ summary: FitSummary; contextDir: string }> {
  const contextDir = newFolder()
  const summary = await predictor.fit({
    task: 'classification',
    x: { table: train.x },
    y: { table: job.task === 'regression' ? train.number : train.label },
    contextDir,
    thinking: { ...PATIENT, ...thinking },
    ...job,
  })
  return { summary, contextDir }
}

test('a search measures settings on folds, leaves one context, and tells what it chose', async () => {
  const { summary, contextDir } = await think()
  const report = summary.thinking!
  expect(report).toMatchObject({ effort: 'medium', metric: 'log_loss', isHigherBetter: false, folds: 5 })
  expect(report.candidates).toBeGreaterThan(3)
  expect(report.score!).toBeLessThanOrEqual(report.baselineScore!)
  expect(report.chosen.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12)
  expect(summary.options.estimators).toBeLessThanOrEqual(32)
  expect(readdirSync(contextDir).sort()).toEqual(['context.json', 'context.safetensors'])
  expect(existsSync(`${contextDir}.thinking`)).toBe(false)
})

test('the same table, settings and seed give the same fit, and a fresh process the same answers', async () => {
  const first = await think()
  const second = await think()
  const told = ({ seconds: _, ...report }: NonNullable<FitSummary['thinking']>) => report
  expect(told(second.summary.thinking!)).toEqual(told(first.summary.thinking!))
  const answer = await probabilities(first.contextDir)
  expect(await probabilities(second.contextDir)).toEqual(answer)
  const other = new Predictor(settings)
  const prediction = await other.predict({
    contextDir: first.contextDir,
    x: { table: query },
    output: 'probas',
  })
  await other.close()
  expect(prediction).toMatchObject({ cache: 'miss', probabilities: answer, thinking: { folds: 5 } })
})

test('a row alone gets the answer that it gets among others, and probabilities sum to 1', async () => {
  const { contextDir } = await think()
  const all = await probabilities(contextDir)
  for (let row = 0; row < 25; row++)
    expect(all[row * 3]! + all[row * 3 + 1]! + all[row * 3 + 2]!).toBeCloseTo(1, 12)
  const alone = await probabilities(contextDir, { x: { table: takeRows(query, [7]) } })
  expectClose(alone, all.subarray(21, 24), 1e-5)
})

test('with no time the fit is the one without thinking, and says that nothing was compared', async () => {
  const { summary, contextDir } = await think({}, { seconds: 1e-6 })
  expect(summary.thinking!.chosen).toEqual([{ settings: expect.anything(), weight: 1 }])
  expect(summary.thinking!.score === null || summary.thinking!.folds > 0).toBe(true)
  expect(summary.options).toEqual({ ...summary.options, estimators: 8, averageBeforeSoftmax: false })
  const plain = await probabilities(await fit())
  const thought = await probabilities(contextDir)
  if (summary.thinking!.temperature === 1) expectClose(thought, plain, 1e-12)
})

test('what the caller sets is left as it is, at the fit and again at the prediction', async () => {
  const options = { estimators: 2, softmaxTemperature: 1.3, averageBeforeSoftmax: true }
  const { summary, contextDir } = await think({ options })
  expect(summary.thinking!.temperature).toBe(1)
  for (const { settings: chosen } of summary.thinking!.chosen) expect(chosen).toMatchObject(options)
  expect(await probabilities(contextDir, { options: { softmaxTemperature: 1.3 } })).toEqual(
    await probabilities(contextDir),
  )
  const flat = await probabilities(contextDir, { options: { softmaxTemperature: 100 } })
  expect(Math.max(...flat)).toBeLessThan(Math.max(...(await probabilities(contextDir))))
})

test('a regression search answers mean, median and quantiles, and refuses the rest with the reason', async () => {
  const { summary, contextDir } = await think({ task: 'regression' }, { metric: 'mae' })
  expect(summary.thinking).toMatchObject({ metric: 'mean_absolute_error', isHigherBetter: false })
  const mean = (await predict(contextDir, 'mean')) as PointPrediction
  const median = (await predict(contextDir, 'median')) as PointPrediction
  const levels = [0.1, 0.5, 0.9]
  const { quantiles } = (await predict(contextDir, 'quantiles', { quantiles: levels })) as QuantilePrediction
  expect(Array.from(mean.values).every(Number.isFinite)).toBe(true)
  expectClose(quantiles[1]!, median.values, 1e-9)
  for (let row = 0; row < 25; row++) expect(quantiles[0]![row]!).toBeLessThanOrEqual(quantiles[2]![row]!)
  for (const output of ['mode', 'main', 'full'] as const) {
    const error = await failureOf(predict(contextDir, output))
    expect([error.code, error.details['option']]).toEqual(['invalid_options', 'output'])
    expect(error.message).toContain('mean, median, quantiles')
  }
})

test('a class of one row and a target that never varies are no obstacle', async () => {
  const { x, label } = makeTable(60)
  const column = label.columns[0] as Extract<(typeof label.columns)[0], { kind: 'string' }>
  const lone = { ...column, codes: column.codes.map((code, row) => (row === 9 ? 3 : code)) }
  const y = { rowCount: 60, columns: [{ ...lone, levels: [...lone.levels, 'yak'] }] }
  const { summary } = await think({ x: { table: x }, y: { table: y } })
  expect(summary.classes).toContain('yak')
  const constant = {
    kind: 'number' as const,
    name: 'y',
    values: new Float64Array(60).fill(3),
    integer: false,
  }
  const same = await think({ task: 'regression', y: { table: { rowCount: 60, columns: [constant] } } })
  expect(same.summary.thinking).toMatchObject({ candidates: 0, folds: 0, score: null })
  expect(((await predict(same.contextDir, 'mean')) as PointPrediction).values[0]).toBe(3)
})

test('what cannot be searched is refused before the search, and nothing is left behind', async () => {
  const refused = async (thinking: Partial<ThinkingOptions>, job: Partial<FitJob> = {}) => {
    const error = await failureOf(think(job, thinking))
    expect(error.code).toBe('invalid_options')
    return [error.details['option'], error.message]
  }
  expect(await refused({ minRows: 61 })).toEqual(['thinking', expect.stringMatching(/61.*has 60/)])
  expect((await refused({ metric: 'roc_auc' }))[0]).toBe('thinkingMetric')
  expect((await refused({ metric: 'nosuch' }))[1]).toMatch(/3 classes.*log_loss.*got nosuch/)
  expect((await refused({ metric: 'accuracy' }, { task: 'regression' }))[1]).toContain('r2')
  expect((await refused({ seconds: 0 }))[0]).toBe('thinkingSeconds')
  expect(readdirSync(root).filter((name) => /thinking|tmp/.test(name))).toEqual([])
})

test('a search can be broken off', async () => {
  const abort = new AbortController()
  const contextDir = newFolder()
  const running = predictor.fit(
    {
      task: 'classification',
      x: { table: train.x },
      y: { table: train.label },
      contextDir,
      thinking: PATIENT,
    },
    { signal: abort.signal, onProgress: () => abort.abort() },
  )
  expect((await failureOf(running)).code).toBe('aborted')
  expect([existsSync(contextDir), existsSync(`${contextDir}.thinking`)]).toEqual([false, false])
})
