/** Runs on a prior of a user, whose tasks are drawn in sandboxes. */
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCheckpoint, PRESETS } from '@posterior/model'
import { type DeclaredModule, ModuleSource } from '@posterior/prior'
import { expect, test } from 'vitest'
import { brainTrainingConfig } from './brain-config.ts'
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
