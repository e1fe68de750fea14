/** Held-out synthetic datasets: the same ones at every evaluation, never trained on. */
import { MODEL_TASKS, type ModelTask, type Task } from '@posterior/model'
import type { BatchSpec } from '@posterior/prior'
import type { GradientPool, MicroBatch } from '../workers/gradient-pool.ts'
import { heldOutBatches } from './prior-plan.ts'
import { singlePrior } from './single-prior.ts'
import type { TrainingConfig } from './training-config.ts'

/** Tables of the evaluation: [labelled rows, columns]. */
const SHAPES = [
  [50, 4],
  [100, 8],
  [200, 5],
  [300, 12],
] as const
const DATASETS_PER_SHAPE = 16
const QUERY_ROWS = 60

export interface Evaluation {
  /** Null for a task that the prior does not have. */
  readonly classification: number | null
  readonly regression: number | null
  readonly discovery: number | null
  readonly families: Readonly<Record<string, number>>
}

/** Mean of loss / baseline loss with the pool's weights, by task and by "task family". */
export async function evaluate(pool: GradientPool, config: TrainingConfig): Promise<Evaluation> {
  const byFamily = new Map<string, number[]>()
  const means: Record<ModelTask, number | null> = { classification: null, regression: null, discovery: null }
  for (const task of MODEL_TASKS) {
    const batches = heldOut(task, config)
    if (batches.length === 0) continue
    const ratios: number[] = []
    for (const result of await pool.evaluate(batches)) {
      result.losses.forEach((loss, i) => {
        const ratio = loss / Math.max(result.baselines[i]!, 1e-6)
        ratios.push(ratio)
        const key = `${task} ${result.families[i]!}`
        byFamily.set(key, [...(byFamily.get(key) ?? []), ratio])
      })
    }
    means[task] = mean(ratios)
  }
  const families = Object.fromEntries([...byFamily].sort().map(([name, ratios]) => [name, mean(ratios)]))
  return { ...means, families }
}

function heldOut(task: ModelTask, config: TrainingConfig): MicroBatch[] {
  const single = singlePrior(config.prior)
  // The general prior has no graphs.
  if (!single) return task === 'discovery' ? [] : microBatches(task, config)
  const batches = heldOutBatches(single, { batches: SHAPES.length, datasets: DATASETS_PER_SHAPE })
  return batches.filter(({ spec }) => spec.task === task)
}

function microBatches(task: Task, config: TrainingConfig): MicroBatch[] {
  const maxClasses = config.plan.phases.at(-1)!.maxClasses
  return SHAPES.map(([train, features], i) => {
    const spec: BatchSpec = {
      task,
      batch: DATASETS_PER_SHAPE,
      train,
      test: QUERY_ROWS,
      features,
      stage: 'general',
      maxClasses,
    }
    return { spec, seed: [config.seed, 'held out', task, i] }
  })
}

/** Arithmetic mean; NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
