import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCheckpoint, PRESETS } from '@posterior/model'
import { Random } from '@posterior/tabular'
import { describe, expect, test } from 'vitest'
import { startTrainingRun } from '../process/training-run.ts'
import { brainTrainingConfig } from './brain-config.ts'
import { measureHeldOut } from './held-out.ts'
import { heldOutBatches, planOf } from './prior-plan.ts'
import type { RunEvent } from './run-events.ts'
import { loadRun } from './run-state.ts'
import { train } from './trainer.ts'
import { defaultTrainingConfig, type TrainingConfig, validateTrainingConfig } from './training-config.ts'

const CONFIG: TrainingConfig = {
  ...defaultTrainingConfig(),
  name: 'tiny',
  architecture: { ...PRESETS.nano, cellWidth: 8, rowLayers: 1, inducingPoints: 2, thinkingRows: 2 },
  budget: { steps: 12 },
  plan: {
    ...defaultTrainingConfig().plan,
    phases: [{ stage: 'easy', rows: [16, 24], columns: [2, 3], maxCells: 64, maxClasses: 2 }],
    microBatches: 2,
    cellsPerMicroBatch: 128,
  },
  schedule: { warmupSteps: 2, decayShare: 0.25 },
  evaluateEvery: 0,
  saveEvery: 4,
}

const COINS = { kind: 'catalogue', id: 'coin-flip', overrides: {} } as const

const newFolder = () => mkdtemp(join(tmpdir(), 'posterior-training-'))

async function weightsOf(folder: string): Promise<Buffer> {
  return readFile(join(folder, 'model', 'model.safetensors'))
}

describe('a training run', () => {
  test('that is stopped and resumed gives the bits of one that was not', async () => {
    const straight = await newFolder()
    await train(CONFIG, { folder: straight, workers: 1, threads: 1 })

    const interrupted = await newFolder()
    const stop = new AbortController()
    const onEvent = (event: RunEvent) => {
      if (event.type === 'step' && event.step === 7) stop.abort()
    }
    await train(CONFIG, { folder: interrupted, workers: 1, threads: 1, signal: stop.signal, onEvent })
    expect((await loadRun(interrupted))!.progress.step).toBe(7)
    await train(CONFIG, { folder: interrupted, workers: 1, threads: 1 })

    expect((await weightsOf(interrupted)).equals(await weightsOf(straight))).toBe(true)
    const { manifest } = await loadCheckpoint(join(interrupted, 'model'))
    expect(manifest.training).toMatchObject({ steps: 12, seed: 1 })
  })

  test('does not depend on the number of workers', async () => {
    const [one, two] = [await newFolder(), await newFolder()]
    await train({ ...CONFIG, budget: { steps: 4 } }, { folder: one, workers: 1, threads: 1 })
    await train({ ...CONFIG, budget: { steps: 4 } }, { folder: two, workers: 2, threads: 1 })
    expect((await weightsOf(one)).equals(await weightsOf(two))).toBe(true)
  })

  test('of another configuration is not overwritten', async () => {
    const folder = await newFolder()
    await train({ ...CONFIG, budget: { steps: 1 } }, { folder, workers: 1, threads: 1 })
    await expect(train({ ...CONFIG, seed: 2 }, { folder, workers: 1, threads: 1 })).rejects.toThrow(
      'holds a run of another configuration',
    )
  })

  test('gives up when the gradients stay infinite, and keeps the weights', async () => {
    const folder = await newFolder()
    const config = {
      ...CONFIG,
      budget: { steps: 60 },
      optimizer: { ...CONFIG.optimizer, method: 'adamw' as const, adamLearningRate: 1e39, weightDecay: 0 },
    }
    const skipped: RunEvent[] = []
    const onEvent = (event: RunEvent) => void (event.type === 'skipped' && skipped.push(event))
    await expect(train(config, { folder, workers: 1, threads: 1, onEvent })).rejects.toThrow(
      'steps in a row had no finite gradient',
    )
    expect(skipped.length).toBe(20)
  })
})

describe('a run on a prior of the catalogue', () => {
  const brain = (steps: number): TrainingConfig => ({
    ...brainTrainingConfig({ kind: 'catalogue', id: 'coin-flip', overrides: { num_flips: [10, 30] } }),
    architecture: CONFIG.architecture,
    budget: { steps },
    plan: { ...brainTrainingConfig(COINS).plan, cellsPerMicroBatch: 128, maxDatasets: 4 },
    evaluateEvery: 2,
  })

  test('trains and judges the one task that the prior has, and its manifest says so', async () => {
    const folder = await newFolder()
    const events: RunEvent[] = []
    await train(brain(2), { folder, workers: 1, threads: 1, onEvent: (event) => events.push(event) })
    const evaluation = events.find(({ type }) => type === 'evaluation')
    expect(evaluation).toMatchObject({
      regression: null,
      classification: expect.any(Number),
      discovery: null,
    })
    const { manifest } = await loadCheckpoint(join(folder, 'model'))
    expect(manifest).toMatchObject({
      name: 'coin-flip',
      tasks: ['classification'],
      trainedRange: { rows: [5, 27], columns: [1, 1], classes: [2, 2] },
    })
    const [held] = await measureHeldOut(join(folder, 'model'), COINS, { batches: 1, datasets: 3 })
    expect(held!.losses).toHaveLength(3)
    expect(held!.losses.every((loss) => loss > 0 && loss < 2)).toBe(true)
  })

  test('of graphs is judged as it trains as well', async () => {
    const overrides = { num_points: 20, d: 3 }
    const config = brainTrainingConfig({ kind: 'catalogue', id: 'chain-scm', overrides })
    const events: RunEvent[] = []
    const onEvent = (event: RunEvent) => events.push(event)
    const short = { ...config, budget: { steps: 2 }, evaluateEvery: 1 }
    await train(short, { folder: await newFolder(), workers: 1, threads: 1, onEvent })
    expect(events.find(({ type }) => type === 'evaluation')).toMatchObject({
      classification: null,
      discovery: expect.any(Number),
      families: { 'discovery chain_scm': expect.any(Number) },
    })
  })

  test('draws other streams to train on than to be judged by', () => {
    const held = heldOutBatches(COINS, { batches: 20, datasets: 4 })
    for (let seed = 0; seed < 50; seed++) {
      const trained = Random.fromSeed(seed, 'data', 1, 0).state
      for (const batch of held) expect(Random.fromSeed(...batch.seed).state).not.toEqual(trained)
    }
  })

  test('grows from small tasks to all, however few its steps', () => {
    const mostFlips = (config: TrainingConfig, step: number) => {
      const seeds = Array.from({ length: 40 }, (_, seed) => ({ ...config, seed }))
      return Math.max(...seeds.map((own) => planOf(own, step)[0]!.source!.shape['num_flips'] as number))
    }
    const long = { ...brain(10_000), plan: { ...brain(1).plan, growSteps: 100 } }
    expect([1, 50, 100].map((step) => mostFlips(long, step))).toEqual([13, 21, 30])
    expect(mostFlips({ ...long, budget: { steps: 10 } }, 3)).toBe(30)
  })

  test('spends the minutes of the clock that it is given', async () => {
    let now = 0
    const clock = () => (now += 1000)
    const folder = await newFolder()
    const config = { ...brain(1), budget: { minutes: 0.25 }, evaluateEvery: 0 }
    await train(config, { folder, workers: 1, threads: 1, clock })
    const { progress } = (await loadRun(folder))!
    expect(progress.step).toBeGreaterThan(8)
    expect(progress.seconds).toBeGreaterThan(14)
    expect(progress.seconds).toBeLessThan(30)
  })

  test('refuses a plan that would be ignored', () => {
    const config = brain(1)
    const { phases } = defaultTrainingConfig().plan
    expect(() => validateTrainingConfig({ ...config, plan: { ...config.plan, phases } })).toThrow(
      'plan.phases must be [] for coin_flip',
    )
    expect(() =>
      validateTrainingConfig({ ...config, plan: { ...config.plan, classificationShare: 0 } }),
    ).toThrow('plan.classificationShare must be 1 for coin_flip')
  })
})

test('a run that was saved before there was a choice of priors goes on', async () => {
  const folder = await newFolder()
  const { prior: _, ...old } = CONFIG
  await train({ ...old, budget: { steps: 2 } }, { folder, workers: 1, threads: 1 })
  await train({ ...CONFIG, budget: { steps: 2 } }, { folder, workers: 1, threads: 1 })
  expect((await loadRun(folder))!.progress.step).toBe(2)
})

describe('a training process', () => {
  test('reports its events, and saves when it is told to stop', async () => {
    const folder = await newFolder()
    const events: RunEvent[] = []
    const run = startTrainingRun(
      { ...CONFIG, budget: { steps: 100_000 } },
      {
        folder,
        workers: 1,
        threads: 1,
        onEvent(event) {
          events.push(event)
          if (event.type === 'step' && event.step === 3) run.stop()
        },
      },
    )
    expect(await run.done).toBe(false)
    const { progress } = (await loadRun(folder))!
    expect(progress.step).toBeGreaterThanOrEqual(3)
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(progress.step)
    expect(events.at(-1)).toMatchObject({ type: 'saved', step: progress.step })
  })

  test('that is killed leaves the last saved state to resume from', async () => {
    const folder = await newFolder()
    const run = startTrainingRun(
      { ...CONFIG, budget: { steps: 100_000 } },
      {
        folder,
        workers: 1,
        threads: 1,
        onEvent(event) {
          if (event.type === 'step' && event.step === 6) process.kill(run.processId, 'SIGKILL')
        },
      },
    )
    await expect(run.done).rejects.toThrow('SIGKILL')
    expect((await loadRun(folder))!.progress.step % CONFIG.saveEvery).toBe(0)
  })
})
