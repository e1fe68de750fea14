/** What the configured prior contributes: the batches of a step, held-out batches, and what a manifest says of them. */
import type { ModelManifest } from '@posterior/model'
import {
  type BatchSpec,
  type Interval,
  planCatalogueBatch,
  rangeOf,
  requireTrainable,
} from '@posterior/prior'
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
}: TrainingConfig): Pick<ModelManifest, 'tasks' | 'trainedRange'> & { readonly data: string } {
  if (prior?.kind !== 'catalogue') {
    return {
      tasks: ['classification', 'regression'],
      trainedRange: rangesOf(plan),
      data: 'synthetic only, drawn from the prior in packages/prior',
    }
  }
  return { ...catalogueRange(prior), data: `synthetic only, drawn from the studio's prior ${prior.id}` }
}

/** Least and most sizes, from the ends of the shape parameters' ranges. */
function catalogueRange({ id, overrides }: CatalogueChoice): Pick<ModelManifest, 'tasks' | 'trainedRange'> {
  const prior = requireTrainable(id, overrides)
  const ends = ([0, 1] as const).map((end) => {
    const shape = Object.entries(prior.parameters).filter(([, { isShape }]) => isShape)
    const values = Object.fromEntries(shape.map(([name]) => [name, rangeOf(prior, overrides, name)[end]]))
    return prior.layout(values)
  })
  const [least, most] = ends as [(typeof ends)[0], (typeof ends)[0]]
  const classes: Interval = [least.classes, most.classes]
  return {
    tasks: [classes[1] > 0 ? 'classification' : 'regression'],
    trainedRange: {
      rows: [least.leastContext, Math.floor(0.9 * most.rows)],
      columns: [least.features, most.features],
      classes,
    },
  }
}
