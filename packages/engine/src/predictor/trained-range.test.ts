import { expect, test } from 'vitest'
import { checkModelLimits, describeTrainedRange } from './trained-range.ts'

const RANGE = { rows: [50, 1000], columns: [2, 20], classes: [2, 10] } as const
const LIMITS = { rows: 5000, columns: 40, classes: 30 }

test('a table within range gives no warning, borders included', () => {
  expect(describeTrainedRange(RANGE, { rows: 50, columns: 20, classes: 10 })).toEqual([])
  expect(describeTrainedRange(RANGE, { rows: 1000, columns: 2, classes: 0 })).toEqual([])
})

test('each size outside the range is a warning with the number that came and the number trained on', () => {
  const warnings = describeTrainedRange(RANGE, { rows: 1001, columns: 21, classes: 11 })
  expect(warnings).toHaveLength(3)
  expect(warnings[0]).toMatch(/1001 rows.*at most 1000/)
  const small = describeTrainedRange(RANGE, { rows: 10, columns: 1, classes: 2 })
  expect(small).toHaveLength(2)
  expect(small[0]).toMatch(/10 rows.*at least 50/)
})

test('a table between the trained range and the limits is accepted', () => {
  expect(checkModelLimits(LIMITS, { rows: 5000, columns: 40, classes: 30 }, false)).toEqual([])
})

test('a table beyond the limits is refused with the limit, or warned of when that is asked for', () => {
  const shape = { rows: 5001, columns: 5, classes: 2 }
  expect(() => checkModelLimits(LIMITS, shape, false)).toThrow(/5001 rows.*limit is 5000/)
  expect(checkModelLimits(LIMITS, shape, true)).toEqual([expect.stringMatching(/limit is 5000.*anyway/)])
})
