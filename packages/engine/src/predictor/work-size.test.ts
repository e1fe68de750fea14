import { PRESETS } from '@posterior/model'
import { expect, test } from 'vitest'
import { checkMemory, contextBytes, encodeBytes, membersPerRun, planRuns } from './work-size.ts'

test('few rows are answered by all members at once, many in chunks of one member', () => {
  expect(planRuns(1, 20, 8)).toEqual({ rows: 1, members: 8 })
  expect(planRuns(100, 20, 8)).toEqual({ rows: 100, members: 4 })
  expect(planRuns(100_000, 20, 8)).toEqual({ rows: 409, members: 1 })
})

test('a row of very many columns is still one row per run', () => {
  expect(planRuns(10, 20_000, 4)).toEqual({ rows: 1, members: 1 })
  expect(membersPerRun(1_000_000, 1, 4)).toBe(1)
})

test('the estimates cover what was measured on the medium model, and not many times over', () => {
  // Peak resident memory beyond the idle process, in MB: 1000 x 20: 99; 4000 x 20: 416; 10,000 x 2: 315.
  for (const [rows, columns, measuredMB] of [
    [1000, 20, 99],
    [4000, 20, 416],
    [10_000, 2, 315],
  ] as const) {
    const estimate = encodeBytes(PRESETS.medium, rows, columns) / 1e6
    expect(estimate).toBeGreaterThan(measuredMB)
    expect(estimate).toBeLessThan(4 * measuredMB)
  }
})

test('the size of a context is known beforehand', () => {
  // Four members of the medium model at 1000 x 20 took 32.8 MiB.
  expect(contextBytes(PRESETS.medium, 1000, 20, 4) / 2 ** 20).toBeCloseTo(32.8, 0)
})

test('a table that needs more than is allowed is refused with both numbers', () => {
  const table = Array(4).fill({ rows: 100_000, columns: 100, preparation: null })
  expect(() => checkMemory(PRESETS.medium, table, 2 ** 31)).toThrow(
    /100000 rows of 100 columns.*2\.0 GiB are allowed/,
  )
  expect(() => checkMemory(PRESETS.medium, table, 2 ** 40)).not.toThrow()
  expect(() => checkMemory(PRESETS.medium, [], 0)).not.toThrow()
})

test('statistics count once for each preparation, and more than a context can hold are refused', () => {
  const members = (preparations: number) =>
    Array.from({ length: 32 }, (_, k) => ({ rows: 5000, columns: 500, preparation: k % preparations }))
  expect(() => checkMemory(PRESETS.nano, members(1), 2 ** 40)).not.toThrow()
  expect(() => checkMemory(PRESETS.nano, members(32), 2 ** 40)).toThrow(/32 million statistics.*8 million/)
})
