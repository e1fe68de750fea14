import { type NumericColumn, Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { addMissing, addOutliers, fitColumnCount, variesInTraining } from './corruption.ts'

const missing = Number.NaN

function numeric(values: number[], categorical = false): NumericColumn {
  return { name: 'x', values: Float64Array.from(values), categorical }
}

function normalColumns(count: number, random: Random, rows = 500): NumericColumn[] {
  return Array.from({ length: count }, () => {
    return { name: 'x', values: random.fillNormal(new Float64Array(rows)), categorical: false }
  })
}

test('missing cells have the reported share, spread from rare to frequent', () => {
  const shares: number[] = []
  for (let s = 0; s < 200; s++) {
    const random = Random.fromSeed('missing', s)
    const columns = normalColumns(8, random)
    const share = addMissing(columns, random)
    const blanks = columns.reduce((sum, { values }) => sum + values.filter(Number.isNaN).length, 0)
    expect(share).toBeCloseTo(blanks / (8 * 500), 12)
    shares.push(share)
  }
  shares.sort((a, b) => a - b)
  expect(shares[100]).toBeGreaterThan(0.01)
  expect(shares[100]).toBeLessThan(0.1)
  expect(shares[199]).toBeGreaterThan(0.2)
  expect(shares[199]).toBeLessThan(0.6)
})

test('some tasks lose cells by their own value, some at random', () => {
  let shifted = 0
  let unshifted = 0
  for (let s = 0; s < 200; s++) {
    const random = Random.fromSeed('cause', s)
    const [column] = normalColumns(1, random, 4000)
    addMissing([column!], random)
    const present = column!.values.filter((value) => !Number.isNaN(value))
    if (present.length > 3600) continue
    const average = present.reduce((sum, value) => sum + value, 0) / present.length
    if (Math.abs(average) > 0.06) shifted++
    else unshifted++
  }
  expect(shifted).toBeGreaterThan(5)
  expect(unshifted).toBeGreaterThan(5)
})

test('outliers touch few numeric cells and no category', () => {
  const random = Random.fromSeed('outliers')
  const columns = normalColumns(5, random)
  const codes = numeric([0, 1, 2, 1, 0, 2], true)
  addOutliers([...columns, codes], random)
  expect(Array.from(codes.values)).toEqual([0, 1, 2, 1, 0, 2])
  const wild = columns.reduce(
    (sum, { values }) => sum + values.filter((value) => Math.abs(value) > 6).length,
    0,
  )
  expect(wild).toBeLessThan(0.03 * 5 * 500)
})

test('a column varies when its training rows hold two present values', () => {
  expect(variesInTraining(numeric([missing, 1, 1, 2]), 4)).toBe(true)
  expect(variesInTraining(numeric([missing, 1, 1, 2]), 3)).toBe(false)
  expect(variesInTraining(numeric([missing, missing]), 2)).toBe(false)
})

test('columns are dropped or added until the wanted number is there', () => {
  const random = Random.fromSeed('count')
  const columns = normalColumns(4, random).map(({ values }) => ({ values, levels: 0 }))
  expect(fitColumnCount(columns, 2, random)).toHaveLength(2)
  const more = fitColumnCount(columns, 9, random)
  expect(more).toHaveLength(9)
  for (const column of columns) expect(more).toContain(column)
  expect(more.every(({ values }) => values.length === 500 && values.every(Number.isFinite))).toBe(true)
})
