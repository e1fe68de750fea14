/** Ranks of methods and how often one beats another. */
import { type ScoreTable, winOf } from './score-table.ts'

/** Rank of each method on one dataset, 1 the best; equal ones share the mean of their ranks. */
export function ranksOn({ values, higherIsBetter }: ScoreTable, row: number): Float64Array {
  return Float64Array.from(values, (own) => {
    const losses = values.reduce((sum, other) => sum + winOf(other[row]!, own[row]!, higherIsBetter), 0)
    // A method is counted as equal to itself, which is worth one half.
    return losses + 0.5
  })
}

/** Mean rank of each method over some datasets. */
export function meanRanks(table: ScoreTable, rows: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(table.methods.length)
  for (let i = 0; i < rows.length; i++) {
    for (const [m, rank] of ranksOn(table, rows[i]!).entries()) sums[m]! += rank
  }
  return sums.map((sum) => sum / rows.length)
}

/** `wins[i][j]`: datasets on which method i is better than method j, equal ones counted half; 0 on the diagonal. */
export function countWins({ values, higherIsBetter }: ScoreTable, rows: ArrayLike<number>): Float64Array[] {
  return values.map((own, i) =>
    Float64Array.from(values, (other, j) => {
      if (i === j) return 0
      let wins = 0
      for (let k = 0; k < rows.length; k++) wins += winOf(own[rows[k]!]!, other[rows[k]!]!, higherIsBetter)
      return wins
    }),
  )
}

/** Share of comparisons with any other method that each method wins, 0..1. NaN when there is no other. */
export function winRates(wins: readonly Float64Array[]): Float64Array {
  return Float64Array.from(wins, (row, i) => {
    const won = row.reduce((sum, value) => sum + value, 0)
    const lost = wins.reduce((sum, other) => sum + other[i]!, 0)
    return won / (won + lost)
  })
}
