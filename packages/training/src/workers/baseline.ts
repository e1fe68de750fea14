/** What one gets without looking at the features: the measure that training losses are read against. */
import { CLASS_SLOTS, QUANTILE_LEVELS } from '@posterior/model'
import type { GraphTargets, TaskBatch } from '@posterior/prior'

/**
 * For each dataset the loss of answering every query row with the training rows' class frequencies (mean cross-entropy,
 * frequencies smoothed by one half) or with their empirical quantiles (twice the mean pinball loss).
 */
export function baselineLosses(batch: TaskBatch): number[] {
  const { batch: count, train, test } = batch.spec
  if (batch.graphs) return graphLosses(batch.graphs, count)
  return Array.from({ length: count }, (_, b) => {
    const labelled = batch.yTrain.subarray(b * train, (b + 1) * train)
    const query = batch.yTest.subarray(b * test, (b + 1) * test)
    return batch.classCounts[b]! > 0
      ? frequencyLoss(labelled, query, batch.classCounts[b]!)
      : marginalLoss(labelled, query)
  })
}

/** The loss of answering every pair of a table with the share of edges that this table has: the best constant. */
function graphLosses({ adjacency, pairs }: GraphTargets, count: number): number[] {
  const each = adjacency.length / count
  return Array.from({ length: count }, (_, b) => {
    let share = 0
    for (let i = b * each; i < (b + 1) * each; i++) share += adjacency[i]! * pairs[i]!
    const entropy = (p: number) => (p > 0 ? -p * Math.log(p) : 0)
    return entropy(share) + entropy(1 - share)
  })
}

function frequencyLoss(labelled: ArrayLike<number>, query: ArrayLike<number>, classes: number): number {
  const counts = new Float64Array(CLASS_SLOTS)
  for (let i = 0; i < labelled.length; i++) counts[labelled[i]!]! += 1
  let loss = 0
  for (let i = 0; i < query.length; i++) {
    loss -= Math.log((counts[query[i]!]! + 0.5) / (labelled.length + 0.5 * classes))
  }
  return loss / query.length
}

function marginalLoss(labelled: ArrayLike<number>, query: ArrayLike<number>): number {
  const sorted = Float64Array.from(labelled).sort()
  let loss = 0
  for (const level of QUANTILE_LEVELS) {
    const quantile = sorted[Math.min(sorted.length - 1, Math.floor(level * sorted.length))]!
    for (let i = 0; i < query.length; i++) {
      const difference = query[i]! - quantile
      loss += difference >= 0 ? level * difference : (level - 1) * difference
    }
  }
  return (2 * loss) / (QUANTILE_LEVELS.length * query.length)
}
