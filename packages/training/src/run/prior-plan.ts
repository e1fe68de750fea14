/** What the configured prior contributes: the batches of a step, held-out batches, and what a manifest says of them. */
import type { ModelManifest } from '@posterior/model'
import { type BatchSpec, classSlotsOf, planBatch } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { type BatchPlan, planStep, rangesOf } from '../curriculum.ts'
import type { MicroBatch } from '../workers/gradient-pool.ts'
import { declarationOf, type SinglePrior, singlePrior, singleSizes } from './single-prior.ts'
import type { TrainingConfig } from './training-config.ts'

/** Share of the ranges of sizes that a run which grows begins with. */
const FIRST_REACH = 0.1
/** A run of few steps grows over this share of them. */
const MOST_GROWTH = 0.3

/** The micro-batches of a step, a function of the configuration and the step alone. */
export function planOf({ prior, plan, seed, budget: length }: TrainingConfig, step: number): BatchSpec[] {
  const random = Random.fromSeed(seed, 'plan', step)
  const single = singlePrior(prior)
  if (!single) return planStep(plan, step, random)
  const declaration = declarationOf(single)
  const { cellsPerMicroBatch: cells, maxDatasets, maxQueries } = plan
  const reach = reachAt(step, plan, length)
  const budget = { cells, maxDatasets, reach, ...(maxQueries !== undefined && { maxQueries }) }
  return Array.from({ length: plan.microBatches }, () =>
    planBatch(declaration, single.overrides, budget, random),
  )
}

function reachAt(step: number, { growSteps = 0 }: BatchPlan, length: TrainingConfig['budget']): number {
  const growth = 'steps' in length ? Math.min(growSteps, MOST_GROWTH * length.steps) : growSteps
  return step >= growth ? 1 : FIRST_REACH + (1 - FIRST_REACH) * (step / growth)
}

/**
 * Batches that no run trains on: their streams are named apart from those of every training seed. They are the same for
 * all runs on the same prior and overrides.
 */
export function heldOutBatches(
  prior: SinglePrior,
  { batches, datasets }: { batches: number; datasets: number },
): MicroBatch[] {
  const budget = { cells: Number.POSITIVE_INFINITY, maxDatasets: datasets }
  const declaration = declarationOf(prior)
  return Array.from({ length: batches }, (_, i) => ({
    spec: planBatch(declaration, prior.overrides, budget, Random.fromSeed('held out plan', i)),
    seed: ['held out data', i],
  }))
}

/** Tasks and sizes that a run trains, for its manifest. */
export function trainedRangeOf({ prior, plan }: TrainingConfig): Pick<
  ModelManifest,
  'tasks' | 'trainedRange' | 'inputs' | 'classSlots'
> & {
  readonly data: string
} {
  const single = singlePrior(prior)
  if (!single) {
    return {
      tasks: ['classification', 'regression'],
      trainedRange: rangesOf(plan),
      data: 'synthetic only, drawn from the prior in packages/prior',
    }
  }
  const { task, rows, columns, classes, inputs } = singleSizes(single)
  return {
    tasks: [task],
    trainedRange: { rows, columns, classes },
    inputs,
    ...(task === 'classification' && { classSlots: classSlotsOf(declarationOf(single), single.overrides) }),
    data:
      single.kind === 'module'
        ? `synthetic only, drawn from the prior ${single.module.id} ${single.module.version} of its project`
        : `synthetic only, drawn from the studio's prior ${single.id}`,
  }
}
