/** Runs on a prior of a user, whose tasks are drawn in sandboxes. */
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Predictor } from '@posterior/engine'
import { compose, loadCheckpoint, PRESETS } from '@posterior/model'
import { type DeclaredModule, ModuleSource } from '@posterior/prior'
import { expect, test } from 'vitest'
import { graphRecovery } from '../score/graph-scorer.ts'
import type { Brain } from '../score/score.ts'
import { brainTrainingConfig } from './brain-config.ts'
import { measureHeldOut } from './held-out.ts'
import type { RunEvent } from './run-events.ts'
import { train } from './trainer.ts'
import type { TrainingConfig } from './training-config.ts'
import { TrainingError } from './training-error.ts'

const moduleOf = (body: string) => `export default definePrior({
  name: 'Steps',
  outputs: [{ name: 'X', shape: '(n, 2)' }, { name: 'labels', shape: '(n)' }],
  parameters: { n: { type: 'int', range: [20, 24] }, at: { type: 'float', range: [-0.5, 0.5] } },
  sample(random, { n, at }: { n: number; at: number }) {
    const X = Array.from({ length: n }, () => [random.normal(), random.normal()])
    ${body}
    return { X, labels: X.map(([a]) => a > at) }
  },
})`

async function declare(code: string): Promise<DeclaredModule> {
  const source = await ModuleSource.open({ file: 'prior.ts', code }, { id: 'steps', version: '1.2.0' })
  source.close()
  return source.module
}

function configOf(module: DeclaredModule, steps: number): TrainingConfig {
  const config = brainTrainingConfig({ kind: 'module', module, overrides: { n: 22 } })
  return {
    ...config,
    architecture: { ...PRESETS.nano, cellWidth: 8, rowLayers: 1, inducingPoints: 2, thinkingRows: 2 },
    plan: { ...config.plan, maxDatasets: 2 },
    budget: { steps },
    schedule: { warmupSteps: 1, decayShare: 0.25 },
    evaluateEvery: 0,
    saveEvery: 10,
  }
}

const newFolder = () => mkdtemp(join(tmpdir(), 'posterior-module-run-'))

test('a run on a module does not depend on how many sandboxes draw for it, and its model carries no code', async () => {
  const config = configOf(await declare(moduleOf('')), 2)
  const weights: Buffer[] = []
  for (const workers of [1, 2]) {
    const folder = await newFolder()
    await train({ ...config, evaluateEvery: 2 }, { folder, workers, threads: 1 })
    weights.push(await readFile(join(folder, 'model', 'model.safetensors')))
    const { manifest } = await loadCheckpoint(join(folder, 'model'))
    expect(manifest).toMatchObject({
      tasks: ['classification'],
      trainedRange: { rows: [5, 19], columns: [2, 2], classes: [2, 2] },
    })
    expect(manifest.training.data).toContain('the prior steps 1.2.0 of its project')
    expect(JSON.stringify(manifest)).not.toContain('random.normal')
    expect(JSON.stringify(manifest)).toMatch(/"sha256":"[0-9a-f]{64}"/)
  }
  expect(weights[0]!.equals(weights[1]!)).toBe(true)
})

test('a module that fails in the middle of a run fails it with its place, parameters and seed', async () => {
  const module = await declare(moduleOf("if (at > 0.3) throw new Error('at is too large')"))
  const events: RunEvent[] = []
  const onEvent = (event: RunEvent) => events.push(event)
  const run = train(configOf(module, 20), { folder: await newFolder(), workers: 1, threads: 1, onEvent })
  const error = await run.catch((reason: unknown) => reason as Error)
  expect(error).toBeInstanceOf(TrainingError)
  expect((error as Error).message).toMatch(
    /^prior\.ts:7:\d+: Error: at is too large\n7 \| .*\n *\^\nDrawn with parameters \{"n":22,"at":0\.\d+\}, seed \d+\.$/,
  )
})

const GRAPHS = `export default definePrior({
  outputs: [{ name: 'X', shape: '(n, d)' }, { name: 'A', type: 'graph', shape: '(d, d)' }],
  parameters: { n: { type: 'int', default: 24 }, d: { type: 'int', range: [3, 4] } },
  sample(random, { n, d }: { n: number; d: number }) {
    const first = random.int(0, d)
    const X = Array.from({ length: n }, () => {
      const cause = random.exponential()
      return Array.from({ length: d }, (_, j) => (j === first ? cause : cause + random.normal()))
    })
    return { X, A: X.slice(0, d).map((_, i) => Array.from({ length: d }, (_, j) => i === first && j !== first)) }
  },
})`

test('a run on graphs of a module trains a brain that is scored on held-out tables and answers one', async () => {
  const source = await ModuleSource.open({ file: 'prior.ts', code: GRAPHS }, { id: 'causes' })
  source.close()
  const prior = { kind: 'module', module: source.module, overrides: {} } as const
  const architecture = compose([
    { type: 'grid_preprocessor' },
    { type: 'tabular_cell_embedder', config: { d_model: 8 } },
    { type: 'moment_graph_head', config: { n_moments: 4, d_pair: 8, n_heads: 2, n_layers: 1 } },
  ])
  const base = brainTrainingConfig(prior, { budget: { steps: 4 } })
  const config = { ...base, architecture, plan: { ...base.plan, maxDatasets: 2 } }
  const folder = await newFolder()
  await train({ ...config, evaluateEvery: 2, saveEvery: 2 }, { folder, workers: 1, threads: 1 })
  const model = { folder: join(folder, 'model') }
  const { manifest } = await loadCheckpoint(model.folder)
  expect(manifest).toMatchObject({
    tasks: ['discovery'],
    trainedRange: { rows: [24, 24], columns: [3, 4] },
    inputs: { kind: 'table' },
  })
  const [held] = await measureHeldOut(model.folder, prior, { batches: 1, datasets: 3 })
  expect(held!.losses).toHaveLength(3)
  expect([...held!.losses, ...held!.baselines].every((loss) => loss > 0)).toBe(true)

  const predictor = new Predictor({
    ...{ modelDirs: [], threads: 1, contextCacheBytes: 0, maxFitBytes: 2 ** 28, maxFullRows: 0 },
  })
  try {
    const x = { rows: 24, columns: 3, values: Float64Array.from({ length: 72 }, (_, i) => Math.sin(i * i)) }
    const { probabilities } = await predictor.discover({ model, x })
    expect(probabilities).toHaveLength(9)
    const brain = { discover: (job) => predictor.discover({ ...job, model }) } as Pick<Brain, 'discover'>
    const cache = { run: new Map(), weights: new Map() }
    const context = { brain: brain as Brain, prior, cache, tables: undefined, pause: async () => {} }
    const { metrics, meta } = await graphRecovery(context)
    expect(metrics['auroc']).toBeGreaterThan(0)
    // Every held-out table has d - 1 edges.
    expect(metrics['empty_shd']).toBeGreaterThanOrEqual(2)
    expect(metrics['empty_shd']).toBeLessThanOrEqual(3)
    expect(meta).toMatchObject({ prior: 'causes', tasks: 32 })
  } finally {
    await predictor.close()
  }
})
