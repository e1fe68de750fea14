/** The judged model against each method alone, on the splits that both have. */
import { type BootstrapOptions, bootstrap } from '../statistics/bootstrap.ts'
import { mean, winOf } from '../statistics/score-table.ts'
import type { CollectedScores } from './collect-scores.ts'
import type { Estimate } from './leaderboard.ts'
import type { Metric } from './metrics.ts'

export interface Pair {
  method: string
  datasets: number
  /** Splits that both have; a method that was run on fewer seeds has fewer. */
  splits: number
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

/** One row per method, in the order of the scores. */
export function comparePairs({ metric, pairs }: CollectedScores, options: BootstrapOptions): Pair[] {
  return [...pairs].map(([method, scores]) => comparePair(method, [...scores.values()], metric, options))
}

function comparePair(
  method: string,
  pairs: readonly (readonly [own: number, other: number, splits: number])[],
  metric: Metric,
  options: BootstrapOptions,
): Pair {
  const outcomes = pairs.map(([a, b]) => winOf(a, b, metric.higherIsBetter))
  const count = (outcome: number) => outcomes.filter((value) => value === outcome).length
  const splits = pairs.reduce((sum, [, , n]) => sum + n, 0)
  const pair = { method, datasets: pairs.length, splits, wins: count(1), draws: count(0.5), losses: count(0) }
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
