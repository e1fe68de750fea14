import { expect, test } from 'vitest'
import { compareMethods, countWins, meanRanks, winRates } from './ranks.ts'
import { joinTables, medians, quantile, type ScoreTable, winOf } from './score-table.ts'

const TABLE: ScoreTable = {
  methods: ['a', 'b', 'c', 'd'],
  datasets: ['x', 'y'],
  values: [
    [0.9, 0.5],
    [0.8, 0.6],
    [0.9, 0.7],
    [0.7, 0.8],
  ].map((row) => Float64Array.from(row)),
  higherIsBetter: true,
}

const winsOn = (table: ScoreTable, rows: number[]) => countWins(compareMethods(table), rows)
const ranksOn = (table: ScoreTable, rows: number[]) => [...meanRanks(winsOn(table, rows), rows.length)]

test('equal values share the mean of their ranks', () => {
  // scipy.stats.rankdata([-.9, -.8, -.9, -.7])
  expect(ranksOn(TABLE, [0])).toEqual([1.5, 3, 1.5, 4])
  expect(ranksOn({ ...TABLE, higherIsBetter: false }, [0])).toEqual([3.5, 2, 3.5, 1])
  expect(ranksOn(TABLE, [0, 1])).toEqual([2.75, 3, 1.75, 2.5])
})

test('values that agree in six digits are equal, as the stored ones are rounded to six', () => {
  expect(winOf(0.9123456, 0.9123459, true)).toBe(0.5)
  expect(winOf(0.912346, 0.912345, true)).toBe(1)
  expect(winOf(0.912346, 0.912345, false)).toBe(0)
})

test('wins count draws as half, and rates are shares of all comparisons', () => {
  const wins = winsOn(TABLE, [0, 1])
  expect(wins.map((row) => [...row])).toEqual([
    [0, 1, 0.5, 1],
    [1, 0, 0, 1],
    [1.5, 2, 0, 1],
    [1, 1, 1, 0],
  ])
  expect([...winRates(wins)]).toEqual([2.5, 2, 4.5, 3].map((value) => value / 6))
})

test('a dataset that is drawn twice counts twice', () => {
  expect(winsOn(TABLE, [1, 1])[3]![0]).toBe(2)
  expect(ranksOn(TABLE, [0, 0, 1])[0]).toBeCloseTo((1.5 + 1.5 + 4) / 3, 12)
})

test('joined tables rank each dataset in the direction of its own metric', () => {
  const losses: ScoreTable = { ...TABLE, datasets: ['u', 'v'], higherIsBetter: false }
  const joined = joinTables([TABLE, losses])
  expect(joined.datasets).toEqual(['x', 'y', 'u', 'v'])
  expect(ranksOn(joined, [2])).toEqual([3.5, 2, 3.5, 1])
})

test('quantiles interpolate as numpy does', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6]
  // numpy.quantile(values, [.025, .3, .5, .975])
  const reference = [1, 2.1, 3.5, 8.475]
  for (const [i, level] of [0.025, 0.3, 0.5, 0.975].entries())
    expect(quantile(values, level)).toBeCloseTo(reference[i]!, 12)
  expect(quantile([], 0.5)).toBeNaN()
  expect([...medians(TABLE, [0, 1])]).toEqual([0.7, 0.7, 0.8, 0.75])
})
