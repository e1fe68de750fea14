import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PRESETS } from '@posterior/model'
import type { Overrides } from '@posterior/prior'
import { expect, test } from 'vitest'
import { brainTrainingConfig } from './brain-config.ts'
import { mean } from './evaluation.ts'
import { measureHeldOut } from './held-out.ts'
import { train } from './trainer.ts'

/** Share of the loss without features that a very small brain is left with after few steps. */
async function shareAfter(steps: number, id: string, overrides: Overrides): Promise<number> {
  const prior = { kind: 'catalogue', id, overrides } as const
  const folder = await mkdtemp(join(tmpdir(), 'posterior-brain-'))
  const base = brainTrainingConfig(prior)
  const config = {
    ...base,
    architecture: { ...PRESETS.nano, cellWidth: 16, rowLayers: 2, inducingPoints: 4, thinkingRows: 2 },
    budget: { steps },
    plan: { ...base.plan, microBatches: 1, cellsPerMicroBatch: 512 },
    optimizer: { ...base.optimizer, averageDecay: 0.9 },
    schedule: { warmupSteps: 10, decayShare: 0.3 },
    evaluateEvery: 0,
  }
  await train(config, { folder, workers: 1, threads: 1 })
  const held = await measureHeldOut(join(folder, 'model'), prior, { batches: 4, datasets: 16 })
  return mean(held.flatMap(({ losses }) => losses)) / mean(held.flatMap(({ baselines }) => baselines))
}

// A brain that ignored its context could not do better than 1: slopes have either sign, and classes no fixed place.
test('a brain learns lines from their context', async () => {
  const overrides = { num_points: 32, noise_scale: 0.1, coefficient_range: 2 }
  expect(await shareAfter(120, 'linear-regression', overrides)).toBeLessThan(0.6)
})

test('a brain learns classes from their context', async () => {
  const overrides = { num_points: 32, num_classes: 2, dim: 2 }
  expect(await shareAfter(100, 'gaussian-mixture-classification', overrides)).toBeLessThan(0.85)
})
