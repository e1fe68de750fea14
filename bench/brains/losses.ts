/** Losses on held-out tasks: of the brain, of the oracle, and of answers that anyone could give. */
import { join } from 'node:path'
import { drawTasks, findOracle, oracleLoss } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { measureHeldOut } from '@posterior/training'
import { answeredEntropies } from './ask.ts'
import { linearLoss } from './linear-answer.ts'
import { type TrainingCost, trainingCost } from './train-brain.ts'

/** Mean losses over tasks: cross-entropy in nats, or CRPS in standard deviations of the labelled rows. */
export interface BrainLosses extends TrainingCost {
  readonly slug: string
  readonly heldOutTasks: number
  /** Of its answers, as callers get them. */
  readonly brain: number
  /** Of one pass of its model over each task; what answers of several members gain on it. */
  readonly onePass?: number
  readonly oracle: number
  readonly oracleStrength: 'exact' | 'strong'
  readonly oracleMethod: string
  /** brain / oracle, and the ends of a 95 % bootstrap interval over tasks. */
  readonly ratio: number
  readonly ratioLow: number
  readonly ratioHigh: number
  readonly medianOfTasks: number
  /** Class frequencies, or the distribution of the labelled rows. */
  readonly withoutFeatures: number
  /** Least squares with normal noise, or linear discriminants. */
  readonly linear: number
}

export async function measureLosses(
  slug: string,
  folder: string,
  size: { readonly batches: number; readonly datasets: number },
): Promise<BrainLosses> {
  const oracle = findOracle(slug)
  if (!oracle) throw new Error(`${slug} has no oracle`)
  const prior = { kind: 'catalogue', id: slug, overrides: {} } as const
  const held = await measureHeldOut(join(folder, 'model'), prior, size)
  const onePass = held.flatMap(({ losses }) => losses)
  // The tasks that the brain was measured on, drawn again from the seeds of the held-out batches.
  const tasks = held.flatMap(({ spec, seed }) => drawTasks(spec, Random.fromSeed(...seed)))
  const best = tasks.map((task) => oracleLoss(oracle, task, {}))
  // Numbers are answered in one pass.
  const brain = tasks[0]!.task === 'classification' ? await answeredEntropies(folder, tasks) : onePass
  return {
    slug,
    ...(await trainingCost(folder)),
    heldOutTasks: tasks.length,
    brain: mean(brain),
    onePass: mean(onePass),
    oracle: mean(best),
    oracleStrength: oracle.strength,
    oracleMethod: oracle.method,
    ratio: mean(brain) / mean(best),
    ...bootstrap(brain, best),
    medianOfTasks: median(brain.map((loss, i) => loss / best[i]!)),
    withoutFeatures: mean(held.flatMap(({ baselines }) => baselines)),
    linear: mean(tasks.map(linearLoss)),
  }
}

/** 95 % bootstrap interval over tasks of the ratio of means. */
function bootstrap(
  brain: readonly number[],
  best: readonly number[],
): Pick<BrainLosses, 'ratioLow' | 'ratioHigh'> {
  const random = Random.fromSeed('bootstrap')
  const ratios = Float64Array.from({ length: 1000 }, () => {
    let [a, b] = [0, 0]
    for (let i = 0; i < brain.length; i++) {
      const pick = random.int(0, brain.length)
      a += brain[pick]!
      b += best[pick]!
    }
    return a / b
  }).sort()
  return { ratioLow: ratios[25]!, ratioHigh: ratios[974]! }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}
