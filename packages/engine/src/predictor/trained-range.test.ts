import { expect, test } from 'vitest'
import { checkTrainedRange } from './trained-range.ts'

const RANGE = { rows: [50, 1000], columns: [2, 20], classes: [2, 10] } as const

test('a table within range gives no warning, borders included', () => {
  expect(checkTrainedRange(RANGE, { rows: 50, columns: 20, classes: 10 }, false)).toEqual([])
  expect(checkTrainedRange(RANGE, { rows: 1000, columns: 2, classes: 0 }, false)).toEqual([])
})

test('each excess is a warning with the number that came and the number trained on', () => {
  const warnings = checkTrainedRange(RANGE, { rows: 1001, columns: 21, classes: 11 }, true)
  expect(warnings).toHaveLength(3)
  expect(warnings[0]).toMatch(/1001 rows.*at most 1000/)
})

test('an excess is refused when it may not be, a small table is not', () => {
  expect(() => checkTrainedRange(RANGE, { rows: 2000, columns: 5, classes: 2 }, false)).toThrow(/2000 rows/)
  const warnings = checkTrainedRange(RANGE, { rows: 10, columns: 1, classes: 2 }, false)
  expect(warnings).toHaveLength(2)
  expect(warnings[0]).toMatch(/10 rows.*at least 50/)
})
