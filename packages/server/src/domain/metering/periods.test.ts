import { expect, test } from 'vitest'
import { dayOf, monthOf, nextDay, nextMonth } from './periods.ts'

const at = (text: string) => Date.parse(text)

test('a day and a month end at midnight UTC, also at the end of a year and in leap years', () => {
  expect(nextDay(at('2026-12-31T23:59:59.999Z'))).toBe(at('2027-01-01T00:00:00Z'))
  expect(nextMonth(at('2026-12-31T23:59:59.999Z'))).toBe(at('2027-01-01T00:00:00Z'))
  expect(nextDay(at('2028-02-28T12:00:00Z'))).toBe(at('2028-02-29T00:00:00Z'))
  expect(nextMonth(at('2028-01-31T00:00:00Z'))).toBe(at('2028-02-01T00:00:00Z'))
})

test('the first moment of a period belongs to it', () => {
  const midnight = at('2026-11-01T00:00:00Z')
  expect([dayOf(midnight), monthOf(midnight)]).toEqual(['2026-11-01', '2026-11'])
  expect([dayOf(midnight - 1), monthOf(midnight - 1)]).toEqual(['2026-10-31', '2026-10'])
  expect(nextDay(midnight)).toBe(midnight + 86_400_000)
})
