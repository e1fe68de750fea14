/** Evals of runs at the smallest size: what is measured when, and on what. */
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PRESETS } from '@posterior/model'
import { drawTasks, type Overrides } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { brainTrainingConfig } from '../run/brain-config.ts'
import { heldOutBatches, planOf } from '../run/prior-plan.ts'
import type { RunEvent } from '../run/run-events.ts'
import { train } from '../run/trainer.ts'
import type { TrainingConfig } from '../run/training-config.ts'
import { type EvalPlan, HELD_OUT } from './choose-scorer.ts'

type Scored = Extract<RunEvent, { type: 'score' }>

function configOf(id: string, overrides: Overrides, change: Partial<TrainingConfig> = {}): TrainingConfig {
  const base = brainTrainingConfig({ kind: 'catalogue', id, overrides })
  return {
    ...base,
    architecture: { ...PRESETS.nano, cellWidth: 8, rowLayers: 1, inducingPoints: 2, thinkingRows: 2 },
    budget: { steps: 4 },
    plan: { ...base.plan, microBatches: 1, cellsPerMicroBatch: 128, maxDatasets: 4 },
    evaluateEvery: 2,
    saveEvery: 1,
    ...change,
  }
}

const plan = (slug: string, more: Partial<EvalPlan> = {}): EvalPlan => ({ ...HELD_OUT, slug, ...more })

async function run(config: TrainingConfig, evals: readonly EvalPlan[]) {
  const folder = await mkdtemp(join(tmpdir(), 'posterior-evals-'))
  const events: RunEvent[] = []
  await train(config, { folder, workers: 1, threads: 1, evals, onEvent: (event) => events.push(event) })
  return { folder, scores: events.filter((event): event is Scored => event.type === 'score') }
}

const weightsOf = (folder: string) => readFile(join(folder, 'model', 'model.safetensors'))
const LINES = { num_points: 20 }

test('lines are measured untrained, on the way and at the end, beside least squares, the posterior and the oracle', async () => {
  const evals = [
    HELD_OUT,
    plan('in_context_regression_ols', { metrics: ['pfn_mse', 'r2'] }),
    plan('closed-form-baseline', { baselines: [{ name: 'paper', score: 0.1, source: 'table 2' }] }),
    plan('lines', { task: 'regression' }),
    plan('coverage'),
    plan('synthetic_classification_bce'),
    plan('breast_cancer_vs_logreg'),
    plan('forecast'),
    plan('nobody'),
  ]
  const { folder, scores } = await run(configOf('linear-regression', LINES), evals)
  expect(scores.map(({ step, slug }) => `${step} ${slug}`)).toEqual(
    [0, 2, 4].flatMap((step) => evals.map(({ slug }) => `${step} ${slug}`)),
  )
  const last = new Map(scores.slice(-evals.length).map((score) => [score.slug, score]))
  const held = last.get('held_out')!
  expect(held.metrics['oracle_ratio']).toBeGreaterThan(1)
  expect(held.metrics['loss_ratio']).toBeCloseTo(held.metrics['loss']! / held.metrics['baseline_loss']!, 9)
  expect(held.meta).toMatchObject({
    tasks: 64,
    prior: 'linear-regression',
    sources: { oracle_loss: expect.stringMatching(/^exact oracle/) },
  })
  const ols = last.get('in_context_regression_ols')!
  expect(ols.metrics['ols_mse']).toBeLessThan(ols.metrics['mean_baseline_mse']!)
  expect(ols.metrics['ratio_vs_ols']).toBeGreaterThan(1)
  expect(ols.meta).toMatchObject({ scorer: 'in_context_regression_ols', not_measured: ['r2'], tasks: 32 })
  const closed = last.get('closed-form-baseline')!
  expect(closed.metrics['posterior_rmse']).toBeLessThan(closed.metrics['rmse']!)
  expect(closed.meta['baselines']).toEqual([{ name: 'paper', score: 0.1, source: 'table 2' }])
  expect(last.get('lines')!.metrics['mse']).toBeCloseTo(ols.metrics['pfn_mse']!, 9)
  const coverage = last.get('coverage')!.metrics
  expect(coverage['coverage_50']).toBeLessThan(coverage['coverage_95']!)
  for (const slug of ['synthetic_classification_bce', 'breast_cancer_vs_logreg', 'forecast', 'nobody']) {
    expect(last.get(slug), slug).toMatchObject({ skipped: true, metrics: {}, skipReason: expect.any(String) })
  }
  expect(await readdir(folder)).not.toContain('measured')

  const without = await run(configOf('linear-regression', LINES, { evaluateEvery: 0 }), [HELD_OUT])
  expect(without.scores.map(({ step }) => step)).toEqual([4])
  expect(without.scores[0]!.metrics).toEqual(held.metrics)
  expect((await weightsOf(without.folder)).equals(await weightsOf(folder))).toBe(true)
}, 60_000)

test('classes of any number are measured, and a real table that the brain has the size for', async () => {
  const overrides = { num_classes: 3, dim: 4, num_points: 60 }
  const evals = [
    plan('classes', { task: 'classification' }),
    plan('calibration'),
    plan('iris_vs_logreg'),
    plan('ols'),
  ]
  const { scores } = await run(
    configOf('gaussian-mixture-classification', overrides, { evaluateEvery: 0 }),
    evals,
  )
  const [classes, calibration, iris, none] = scores as [Scored, Scored, Scored, Scored]
  const { bce, auc, majority_bce } = classes.metrics
  expect(bce).toBeGreaterThan(0)
  expect(majority_bce).toBeGreaterThan(1)
  expect(auc).toBeGreaterThan(0)
  expect(calibration.metrics['accuracy']).toBeCloseTo(classes.metrics['accuracy']!, 1)
  expect(iris.metrics['logreg_accuracy']).toBeGreaterThan(0.85)
  expect(iris.metrics['accuracy_gap']).toBeCloseTo(
    iris.metrics['logreg_accuracy']! - iris.metrics['pfn_accuracy']!,
    9,
  )
  expect(none.skipped).toBe(true)
}, 60_000)

test('series are forecast from their history alone, beside the last season', async () => {
  const config = configOf('sine-wave', { num_points: 60 }, { evaluateEvery: 0 })
  const [score] = (await run(config, [plan('forecast')])).scores
  const { mase, ratio_vs_seasonal_naive: ratio, mae, seasonal_naive_mae: naive } = score!.metrics
  expect(mase).toBeGreaterThan(0)
  expect(ratio).toBeCloseTo(mae! / naive!, 9)
  expect(score!.meta).toMatchObject({ season: 12, steps_ahead: 8, tasks: 16 })
}, 60_000)

test('no task that is measured is one that any run trains on', () => {
  const prior = { kind: 'catalogue', id: 'linear-regression', overrides: LINES } as const
  const targets = (spec: Parameters<typeof drawTasks>[0], seed: readonly (number | string)[]) =>
    drawTasks(spec, Random.fromSeed(...seed)).map(({ y }) => y.join(' '))
  const held = heldOutBatches(prior, { batches: 8, datasets: 8 }).flatMap(({ spec, seed }) =>
    targets(spec, seed),
  )
  // Streams of training begin with a number, those of held-out tasks with a word, which the hash of seeds tells apart.
  expect(heldOutBatches(prior, { batches: 3, datasets: 1 }).map(({ seed }) => typeof seed[0])).toEqual(
    Array(3).fill('string'),
  )
  expect(Random.fromSeed(1, 'data').state).not.toEqual(Random.fromSeed('1', 'data').state)
  const trained = new Set<string>()
  for (const seed of [0, 1, 42, 10_000]) {
    const config = { ...configOf('linear-regression', LINES), seed }
    for (let step = 1; step <= 25; step++) {
      for (const [i, spec] of planOf(config, step).entries()) {
        for (const y of targets(spec, [seed, 'data', step, i])) trained.add(y)
      }
    }
  }
  expect(trained.size).toBeGreaterThan(100)
  expect(held.filter((y) => trained.has(y))).toEqual([])
})
