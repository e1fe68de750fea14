import { type NumericColumn, Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { measureLearnability } from './learnability.ts'

const rows = 200

function columnsOf(count: number, random: Random): NumericColumn[] {
  return Array.from({ length: count }, () => {
    return { name: 'x', values: random.fillNormal(new Float64Array(rows)), categorical: false }
  })
}

const passes = ({ skill, deviation }: { skill: number; deviation: number }) =>
  skill > 0.01 && deviation > 1.645

test('noise is rejected nearly always', () => {
  let passed = 0
  for (let s = 0; s < 100; s++) {
    const random = Random.fromSeed('noise', s)
    const columns = columnsOf(6, random)
    const isClass = s % 2 === 0
    const y = Float64Array.from({ length: rows }, () => (isClass ? random.int(0, 3) : random.normal()))
    if (passes(measureLearnability(columns, y, { classes: isClass ? 3 : 0, random }))) passed++
  }
  expect(passed).toBeLessThanOrEqual(3)
})

test('a linear target with as much noise as signal passes, and its skill is about a half', () => {
  for (let s = 0; s < 20; s++) {
    const random = Random.fromSeed('linear', s)
    const columns = columnsOf(4, random)
    const y = columns[0]!.values.map((x) => x + random.normal())
    const found = measureLearnability(columns, y, { classes: 0, random })
    expect(passes(found)).toBe(true)
    expect(found.skill).toBeGreaterThan(0.15)
    expect(found.skill).toBeLessThan(0.7)
  }
})

test('an unordered category that decides the class passes', () => {
  const random = Random.fromSeed('category')
  const values = Float64Array.from({ length: rows }, () => random.int(0, 6))
  const y = values.map((code) => (code === 2 || code === 3 ? 1 : 0))
  const column = { name: 'x', values, categorical: true }
  const found = measureLearnability([...columnsOf(3, random), column], y, { classes: 2, random })
  expect(found.skill).toBeGreaterThan(0.7)
})

test('missing cells and a constant target do no harm', () => {
  const random = Random.fromSeed('missing')
  const columns = columnsOf(3, random)
  columns[1]!.values.fill(Number.NaN)
  const found = measureLearnability(columns, new Float64Array(rows).fill(2), { classes: 0, random })
  expect(found.skill).toBeCloseTo(0, 9)
  expect(Number.isFinite(found.deviation)).toBe(true)
})
