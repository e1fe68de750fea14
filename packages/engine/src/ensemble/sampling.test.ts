import { type NumericColumn, Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { columnImportance } from './column-importance.ts'
import { ColumnSampler } from './sample-columns.ts'
import { sampleRows, sampleSize } from './sample-rows.ts'
import type { EnsembleSettings } from './settings.ts'

const classes = Int32Array.from({ length: 100 }, (_, i) => (i === 40 ? 2 : i % 2))
const at = (member: number, randomState = 0) => ({ member, randomState })

test('a count or share of rows is drawn without repetition, in order, anew for each member', () => {
  const rows = sampleRows({ count: 30 }, classes, at(0))!
  expect(rows).toHaveLength(30)
  expect(new Set(rows).size).toBe(30)
  expect([...rows]).toEqual([...rows].sort((a, b) => a - b))
  expect([...sampleRows({ share: 0.3 }, classes, at(0))!]).toEqual([...rows])
  expect([...sampleRows({ count: 30 }, classes, at(1))!]).not.toEqual([...rows])
  expect([...sampleRows({ count: 30 }, classes, at(0, 1))!]).not.toEqual([...rows])
  expect(sampleSize({ share: 0.3 }, 100, 0)).toBe(30)
})

test('the rarest class keeps a row in every sample', () => {
  for (let member = 0; member < 20; member++) {
    expect([...sampleRows({ count: 3 }, classes, at(member))!]).toContain(40)
  }
})

test('as many rows as there are, or more, are all; lists are taken in turn', () => {
  expect(sampleRows({ count: 100 }, classes, at(0))).toBeNull()
  expect(sampleRows({ count: 1e6 }, classes, at(0))).toBeNull()
  expect(sampleRows({ share: 1 }, classes, at(0))).toBeNull()
  const rows = [[5, 5, 1], [2]]
  expect([...sampleRows({ rows }, classes, at(2))!]).toEqual([5, 5, 1])
  expect([...sampleRows({ rows }, classes, at(3))!]).toEqual([2])
  expect(() => sampleRows({ rows: [[100]] }, classes, at(0))).toThrow(/row 100.*100 rows/)
})

const random = Random.fromSeed('columns')
const columns: NumericColumn[] = Array.from({ length: 9 }, (_, j) => ({
  name: `${j}`,
  values: Float64Array.from(classes, (label) => (j === 6 ? label : 0) + 0.1 * random.normal()),
  categorical: false,
}))
const sampler = (settings: EnsembleSettings) => new ColumnSampler(settings, 0, { columns, labels: classes })

test('balanced members see every column equally often', () => {
  const balanced = sampler({})
  const seen = new Float64Array(9)
  for (let member = 0; member < 6; member++) {
    const chosen = balanced.choose(member, 3)!
    expect(chosen).toHaveLength(3)
    expect([...chosen].sort((a, b) => a - b)).toEqual(chosen)
    for (const j of chosen) seen[j]!++
  }
  expect([...seen]).toEqual(new Array(9).fill(2))
  expect(balanced.choose(0, 9)).toBeNull()
})

test('constant and important columns are in every member, random ones differ', () => {
  const constant = sampler({ columnSampling: 'constant-and-balanced', constantColumns: 2 })
  const important = sampler({ columnSampling: 'importance', importantColumns: 1 })
  const drawn = sampler({ columnSampling: 'random' })
  for (let member = 0; member < 4; member++) {
    expect(constant.choose(member, 4)!.slice(0, 2)).toEqual([0, 1])
    expect(important.choose(member, 3)!).toContain(6)
    expect(important.choose(member, 3)!).toHaveLength(3)
  }
  expect(constant.choose(0, 1)).toEqual([0])
  expect(drawn.choose(0, 4)).not.toEqual(drawn.choose(1, 4))
  expect(sampler({ columnSampling: 'importance', importantColumns: { share: 0.1 } }).choose(0, 1)).toEqual([
    6,
  ])
})

test('importance is the impurity that a column removes: all, none, and for numbers the variance', () => {
  const label = (values: Float64Array): NumericColumn => ({ name: 'x', values, categorical: false })
  const halves = Int32Array.from({ length: 80 }, (_, i) => Number(i >= 40))
  const order = Float64Array.from({ length: 80 }, (_, i) => i)
  expect(columnImportance(label(order), halves)).toBeCloseTo(1, 12)
  expect(columnImportance(label(new Float64Array(80).fill(3)), halves)).toBeCloseTo(0, 12)
  // Missing or not tells all.
  expect(columnImportance(label(order.map((i) => (i < 40 ? Number.NaN : 1))), halves)).toBeCloseTo(1, 12)
  // Eight groups of ten of a straight line leave a sixty-fourth of its variance, less what a step of ten holds.
  const left = (10 ** 2 - 1) / (80 ** 2 - 1)
  expect(columnImportance(label(order), order)).toBeCloseTo(1 - left, 12)
})
