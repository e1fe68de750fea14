/** Held-out synthetic datasets: the same ones at every evaluation, never trained on. */
import type { Task } from '@posterior/model'
import type { BatchSpec } from '@posterior/prior'
import type { GradientPool, MicroBatch } from '../workers/gradient-pool.ts'
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
  readonly classification: number
  readonly regression: number
  readonly families: Readonly<Record<string, number>>
}

/** Mean of loss / baseline loss with the pool's weights, by task and by "task family". */
export async function evaluate(pool: GradientPool, config: TrainingConfig): Promise<Evaluation> {
  const byFamily = new Map<string, number[]>()
  const means: Record<Task, number> = { classification: 0, regression: 0 }
  for (const task of ['classification', 'regression'] as const) {
    const ratios: number[] = []
    for (const result of await pool.evaluate(microBatches(task, config))) {
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
