/**
 * What a model can use of an instant: how long after the first training instant it lies, the calendar parts, and year
 * and day as circles (sine and cosine), so that December stands next to January and 23:59 next to midnight.
 * Everything is in UTC.
 */
export const DATETIME_PARTS = [
  'elapsed',
  'year',
  'month',
  'day',
  'weekday',
  'hour',
  'year_sin',
  'year_cos',
  'day_sin',
  'day_cos',
] as const

/**
 * - elapsed: days since the origin, with fraction
 * - year, month 1..12, day of the month 1..31, weekday 0 = Monday .. 6 = Sunday, hour 0..23
 * - year_sin, year_cos: the day's place in the year; day_sin, day_cos: the time of day
 */
export type DatetimePart = (typeof DATETIME_PARTS)[number]

const DAY_MS = 86_400_000

/**
 * One part of every instant.
 *
 * @param values milliseconds since 1970 UTC; NaN = missing
 * @param origin milliseconds; only `elapsed` uses it
 * @returns new array; NaN where the instant is missing or, for calendar parts, outside the years ±271,821
 */
export function datetimePart(values: Float64Array, part: DatetimePart, origin: number): Float64Array {
  const out = new Float64Array(values.length)
  const date = new Date(0)
  for (let i = 0; i < values.length; i++) {
    const ms = values[i]!
    if (Number.isNaN(ms)) out[i] = Number.NaN
    else if (part === 'elapsed') out[i] = (ms - origin) / DAY_MS
    else {
      date.setTime(ms)
      out[i] = Number.isNaN(date.getTime()) ? Number.NaN : calendarPart(date, part)
    }
  }
  return out
}

function calendarPart(date: Date, part: Exclude<DatetimePart, 'elapsed'>): number {
  switch (part) {
    case 'year':
      return date.getUTCFullYear()
    case 'month':
      return date.getUTCMonth() + 1
    case 'day':
      return date.getUTCDate()
    case 'weekday':
      return (date.getUTCDay() + 6) % 7
    case 'hour':
      return date.getUTCHours()
    case 'year_sin':
      return Math.sin(yearAngle(date))
    case 'year_cos':
      return Math.cos(yearAngle(date))
    case 'day_sin':
      return Math.sin(dayAngle(date))
    case 'day_cos':
      return Math.cos(dayAngle(date))
  }
}

/** Whole days since the first of January, as an angle, so that a table of dates and one with times agree. */
function yearAngle(date: Date): number {
  const first = new Date(0)
  first.setUTCFullYear(date.getUTCFullYear(), 0, 1)
  const days = Math.floor((date.getTime() - first.getTime()) / DAY_MS)
  return (2 * Math.PI * days) / 365.25
}

function dayAngle(date: Date): number {
  const ms = date.getTime() % DAY_MS
  return (2 * Math.PI * (ms < 0 ? ms + DAY_MS : ms)) / DAY_MS
}
