/**
 * Ratings from pairwise wins: in the model of Bradley and Terry (1952), method i beats method j with probability
 * p_i / (p_i + p_j). The strengths of highest likelihood are found by the minorisation-maximisation step of Hunter (2004,
 * "MM algorithms for generalized Bradley-Terry models"), which rises at every step and has one limit. On the Elo scale a
 * difference of 400 points stands for odds of 10 to 1.
 *
 * A method that lost every comparison has no finite strength. One virtual draw between each pair, as in a prior of weight one,
 * keeps all strengths finite; it draws ratings together by a little less than one comparison in as many as there are datasets.
 */

const TOLERANCE = 1e-10
const MAX_STEPS = 20_000

/**
 * @param wins          `wins[i][j]`: how often i beat j; a draw is half a win for each
 * @param virtualDraws  added to every pair; with 0 the likelihood must have a maximum (every method both won and lost, and
 *   so did every group of them)
 * @returns natural logarithms of the strengths; their mean is 0
 * @throws RangeError when the steps do not settle, which means that there is no maximum
 */
export function fitBradleyTerry(wins: readonly ArrayLike<number>[], virtualDraws = 1): Float64Array {
  const n = wins.length
  const won = (i: number, j: number) => (i === j ? 0 : wins[i]![j]! + virtualDraws / 2)
  const all = Array.from({ length: n }, (_, i) => i)
  const totals = all.map((i) => all.reduce((sum, j) => sum + won(i, j), 0))
  const games = all.map((i) => all.map((j) => won(i, j) + won(j, i)))
  let strengths = new Float64Array(n).fill(1)
  for (let step = 0; step < MAX_STEPS; step++) {
    const next = Float64Array.from(all, (i) => {
      const weight = all.reduce((sum, j) => sum + games[i]![j]! / (strengths[i]! + strengths[j]!), 0)
      return totals[i]! / weight
    })
    const logMean = next.reduce((sum, value) => sum + Math.log(value), 0) / n
    const scaled = next.map((value) => value / Math.exp(logMean))
    const change = Math.max(...scaled.map((value, i) => Math.abs(Math.log(value / strengths[i]!))))
    strengths = scaled
    if (change < TOLERANCE) return strengths.map(Math.log)
  }
  throw new RangeError(
    `The strengths of ${n} methods did not settle: a group of methods never won or never lost against the others.`,
  )
}

/** Strengths on the Elo scale, with the anchor at 1000. @param anchor number of a method; -1 puts the mean at 1000 */
export function toElo(logStrengths: Float64Array, anchor: number): Float64Array {
  const zero = anchor < 0 ? 0 : logStrengths[anchor]!
  return logStrengths.map((value) => 1000 + (400 / Math.LN10) * (value - zero))
}
