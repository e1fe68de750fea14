/** The judged model against each method alone, on the datasets that both cover. */
import { type BootstrapOptions, bootstrap } from '../statistics/bootstrap.ts'
import { mean, winOf } from '../statistics/score-table.ts'
import type { CollectedScores, ScoresByDataset } from './collect-scores.ts'
import type { Estimate } from './leaderboard.ts'

export interface Pair {
  method: string
  datasets: number
  /** Means of both over these datasets; absent where the metric has no common unit. */
  own?: number
  other?: number
  /** Own minus other, mean over datasets; absent where the metric has no common unit. */
  difference?: Estimate
  /** Geometric mean of own / other; present where the metric has no common unit. */
  ratio?: Estimate
  wins: number
  draws: number
  losses: number
}

/** One row per method, in the order of the scores, complete ones first. */
export function comparePairs(scores: CollectedScores, options: BootstrapOptions): Pair[] {
  const { complete, partial } = scores
  const ownValues = complete.values[0]
  if (!ownValues) return []
  const own = new Map(complete.datasets.map((dataset, i) => [dataset, ownValues[i]!]))
  const others = complete.methods.slice(1).map((method, m): [string, ScoresByDataset] => {
    const values = complete.values[m + 1]!
    return [method, new Map(complete.datasets.map((dataset, i) => [dataset, values[i]!]))]
  })
  return [...others, ...partial].map(([method, values]) => comparePair(method, own, values, scores, options))
}

function comparePair(
  method: string,
  own: ScoresByDataset,
  other: ScoresByDataset,
  { metric }: CollectedScores,
  options: BootstrapOptions,
): Pair {
  const datasets = [...other.keys()]
  const pairs = datasets.map((dataset) => [own.get(dataset)!, other.get(dataset)!] as const)
  const outcomes = pairs.map(([a, b]) => winOf(a, b, metric.higherIsBetter))
  const count = (outcome: number) => outcomes.filter((value) => value === outcome).length
  const pair = { method, datasets: datasets.length, wins: count(1), draws: count(0.5), losses: count(0) }
  if (metric.hasMean) {
    const differences = pairs.map(([a, b]) => a - b)
    return {
      ...pair,
      own: mean(pairs.map(([a]) => a)),
      other: mean(pairs.map(([, b]) => b)),
      difference: estimateMean(differences, options),
    }
  }
  const logs = estimateMean(
    pairs.map(([a, b]) => Math.log(a / b)),
    options,
  )
  const [low, high] = logs.interval
  return { ...pair, ratio: { value: Math.exp(logs.value), interval: [Math.exp(low), Math.exp(high)] } }
}

/** The mean of some values with its interval. */
export function estimateMean(values: readonly number[], options: BootstrapOptions): Estimate {
  const over = (rows: ArrayLike<number>) => [mean(Float64Array.from(rows, (row) => values[row]!))]
  return { value: mean(values), interval: bootstrap(values.length, over, options)[0]! }
}
