/** Ranks of methods and how often one beats another. */
import { type ScoreTable, winOf } from './score-table.ts'

/** `outcomes[dataset][i * methods + j]`: 1, 0.5 or 0 as method i is better than, equal to or worse than j; 0 for i = j. */
export type Outcomes = readonly Float64Array[]

/** Compare every method with every other on every dataset, once: resamples only add up. */
export function compareMethods({ methods, datasets, values, higherIsBetter }: ScoreTable): Outcomes {
  const n = methods.length
  return datasets.map((_, row) =>
    Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n]
      return i === j ? 0 : winOf(values[i]![row]!, values[j]![row]!, higherIsBetter)
    }),
  )
}

/**
 * `wins[i][j]`: datasets on which method i is better than method j, equal ones counted half.
 *
 * @param rows numbers of datasets, repeats allowed
 */
export function countWins(outcomes: Outcomes, rows: ArrayLike<number>): Float64Array[] {
  const size = outcomes[0]?.length ?? 0
  const sums = new Float64Array(size)
  for (let k = 0; k < rows.length; k++) {
    const outcome = outcomes[rows[k]!]!
    for (let at = 0; at < size; at++) sums[at]! += outcome[at]!
  }
  const n = Math.sqrt(size)
  return Array.from({ length: n }, (_, i) => sums.subarray(i * n, (i + 1) * n))
}

/** Mean rank of each method over `count` datasets, 1 the best; equal ones share the mean of their ranks. */
export function meanRanks(wins: readonly Float64Array[], count: number): Float64Array {
  return Float64Array.from(wins, (_, i) => 1 + wins.reduce((sum, other) => sum + other[i]!, 0) / count)
}

/** Share of comparisons with any other method that each method wins, 0..1. NaN when there is no other. */
export function winRates(wins: readonly Float64Array[]): Float64Array {
  return Float64Array.from(wins, (row, i) => {
    const won = row.reduce((sum, value) => sum + value, 0)
    const lost = wins.reduce((sum, other) => sum + other[i]!, 0)
    return won / (won + lost)
  })
}
