import { expect, test } from 'vitest'
import { fitBradleyTerry, toElo } from './bradley-terry.ts'

/** Games of the 1987 American League East, as in Agresti, Categorical Data Analysis (2002), table 10.10. */
const BASEBALL = [
  [0, 7, 9, 7, 7, 9, 11],
  [6, 0, 7, 5, 11, 9, 9],
  [4, 6, 0, 7, 7, 8, 12],
  [6, 8, 6, 0, 6, 7, 10],
  [6, 2, 6, 7, 0, 7, 12],
  [4, 4, 5, 6, 6, 0, 6],
  [2, 4, 1, 3, 1, 7, 0],
]

test('the strengths of the baseball example are the published ones', () => {
  const strengths = fitBradleyTerry(BASEBALL, 0)
  const overBaltimore = Array.from(strengths, (value) => value - strengths[6]!)
  // Also what scipy.optimize gives for the same likelihood.
  const published = [1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0]
  for (const [i, value] of published.entries()) expect(overBaltimore[i]).toBeCloseTo(value, 3)
})

test('a virtual draw between each pair gives what scipy.optimize finds for these counts', () => {
  const strengths = fitBradleyTerry(BASEBALL, 1)
  const reference = [0.486349, 0.353496, 0.223071, 0.179955, 0.051174, -0.338182, -0.955862]
  for (const [i, value] of reference.entries()) expect(strengths[i]).toBeCloseTo(value, 5)
})

test('of two methods the difference is the logarithm of the odds, 400 points for ten to one', () => {
  const strengths = fitBradleyTerry(
    [
      [0, 30],
      [3, 0],
    ],
    0,
  )
  expect(strengths[0]! - strengths[1]!).toBeCloseTo(Math.log(10), 8)
  const elo = toElo(strengths, 1)
  expect(elo[0]).toBeCloseTo(1400, 6)
  expect(elo[1]).toBe(1000)
  expect(toElo(strengths, -1)[0]).toBeCloseTo(1200, 6)
})

test('a method that lost everything has a rating with virtual draws, and none without', () => {
  const wins = [
    [0, 5, 6],
    [5, 0, 6],
    [0, 0, 0],
  ]
  // Six lost and one drawn: odds of 6.5 to 0.5.
  const [first, , last] = fitBradleyTerry(wins)
  expect(first! - last!).toBeCloseTo(Math.log(13), 8)
  expect(() => fitBradleyTerry(wins, 0)).toThrow('did not settle')
})
