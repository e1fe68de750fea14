/** What the configured prior contributes: the batches of a step, held-out batches, and what a manifest says of them. */
import type { ModelManifest } from '@posterior/model'
import { type BatchSpec, planCatalogueBatch, priorSizes } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { planStep, rangesOf } from '../curriculum.ts'
import type { MicroBatch } from '../workers/gradient-pool.ts'
import type { PriorChoice, TrainingConfig } from './training-config.ts'

type CatalogueChoice = Extract<PriorChoice, { kind: 'catalogue' }>

/** The micro-batches of a step, a function of the configuration and the step alone. */
export function planOf({ prior, plan, seed }: TrainingConfig, step: number): BatchSpec[] {
  const random = Random.fromSeed(seed, 'plan', step)
  if (prior?.kind !== 'catalogue') return planStep(plan, step, random)
  const budget = { cells: plan.cellsPerMicroBatch, maxDatasets: plan.maxDatasets }
  return Array.from({ length: plan.microBatches }, () =>
    planCatalogueBatch(prior.id, prior.overrides, budget, random),
  )
}

/**
 * Batches that no run trains on: their streams are named apart from those of every training seed. They are the same for
 * all runs on the same prior and overrides.
 */
export function heldOutBatches(
  { id, overrides }: CatalogueChoice,
  { batches, datasets }: { batches: number; datasets: number },
): MicroBatch[] {
  const budget = { cells: Number.POSITIVE_INFINITY, maxDatasets: datasets }
  return Array.from({ length: batches }, (_, i) => ({
    spec: planCatalogueBatch(id, overrides, budget, Random.fromSeed('held out plan', i)),
    seed: ['held out data', i],
  }))
}

/** Tasks and sizes that a run trains, for its manifest. */
export function trainedRangeOf({
  prior,
  plan,
}: TrainingConfig): Pick<ModelManifest, 'tasks' | 'trainedRange' | 'inputs'> & { readonly data: string } {
  if (prior?.kind !== 'catalogue') {
    return {
      tasks: ['classification', 'regression'],
      trainedRange: rangesOf(plan),
      data: 'synthetic only, drawn from the prior in packages/prior',
    }
  }
  const { task, rows, columns, classes, inputs } = priorSizes(prior.id, prior.overrides)
  return {
    tasks: [task],
    trainedRange: { rows, columns, classes },
    inputs,
    data: `synthetic only, drawn from the studio's prior ${prior.id}`,
  }
}
