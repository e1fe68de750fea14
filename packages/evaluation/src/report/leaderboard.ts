/** Mean, median, rank, win rate and rating of methods on the same datasets, with intervals. */
import { type BootstrapOptions, bootstrap, type Interval } from '../statistics/bootstrap.ts'
import { fitBradleyTerry, toElo } from '../statistics/bradley-terry.ts'
import { compareMethods, countWins, meanRanks, type Outcomes, winRates } from '../statistics/ranks.ts'
import { means, medians, type ScoreTable } from '../statistics/score-table.ts'

/** A figure with its interval. */
export interface Estimate {
  value: number
  interval: Interval
}

export interface LeaderboardRow {
  method: string
  /** Of the metric itself; absent where it has no common unit. */
  mean?: Estimate
  median?: Estimate
  /** 1 is the best. */
  rank: Estimate
  /** Share of comparisons with the other methods won, draws counted half. */
  winRate: Estimate
  elo: Estimate
}

/** The method whose rating is 1000, when it takes part. */
export const ANCHOR = 'rf'

/** What stands at 1000 in these rows. */
export function describeAnchor(rows: readonly LeaderboardRow[]): string {
  return rows.some(({ method }) => method === ANCHOR) ? 'random forest = 1000' : 'mean of the methods = 1000'
}

/**
 * Rows by rating, best first.
 *
 * @param hasMean whether the values of different datasets share a unit
 */
export function rankMethods(
  table: ScoreTable,
  hasMean: boolean,
  options: BootstrapOptions,
): LeaderboardRow[] {
  const count = table.datasets.length
  const outcomes = compareMethods(table)
  const statistic = (rows: ArrayLike<number>) => [
    ...contest(outcomes, table.methods.indexOf(ANCHOR), rows),
    ...(hasMean ? [...means(table, rows), ...medians(table, rows)] : []),
  ]
  const values = statistic(Int32Array.from({ length: count }, (_, i) => i))
  const intervals = bootstrap(count, statistic, options)
  const n = table.methods.length
  const pick = (kind: number, m: number): Estimate => ({
    value: values[kind * n + m]!,
    interval: intervals[kind * n + m]!,
  })
  return table.methods
    .map((method, m) => ({
      method,
      rank: pick(0, m),
      winRate: pick(1, m),
      elo: pick(2, m),
      ...(hasMean ? { mean: pick(3, m), median: pick(4, m) } : {}),
    }))
    .sort((a, b) => b.elo.value - a.elo.value)
}

/** Ranks, win rates and ratings on some datasets: one after another, each for all methods. */
function contest(outcomes: Outcomes, anchor: number, rows: ArrayLike<number>): number[] {
  const wins = countWins(outcomes, rows)
  return [...meanRanks(wins, rows.length), ...winRates(wins), ...toElo(fitBradleyTerry(wins), anchor)]
}
