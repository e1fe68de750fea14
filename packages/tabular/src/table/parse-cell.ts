/**
 * What one cell of text means. These rules, and no parser's own, decide types, so that a file reads the same whoever
 * wrote it and in whatever order its rows stand:
 *
 *   missing    the empty cell. Beside numbers, booleans or dates alone also the usual marks (NA, NaN, null, None, ?, spaces);
 *              in a column that holds any other text those marks are text like the rest
 *   number     12  -3.5  .5  6.02e23  +1  inf  -Infinity, spaces around tolerated.
 *              Not: 1,234   0x1F   12%, and not 00123, whose zeros say that it is a code (post code, article number)
 *   boolean    True, False in the three usual spellings; 0 and 1 are numbers
 *   datetime   2024-05-17, 2024-05-17T08:30, 2024-05-17 08:30:00.123456789+02:00, with Z or offset or none (= UTC).
 *              Not: 17.05.2024 or 05/17/2024, whose order of day and month is a guess
 */

const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i
const INTEGER = /^[+-]?\d+$/
const MISSING = /^(?:|na|n\/a|#n\/a|<na>|nan|[+-]nan|nat|null|none|\?)$/i
const DATETIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([Zz]|UTC|[+-]\d\d(?::?\d\d)?))?)?$/

/**
 * The number that a cell states; NaN when it is not a number. Values beyond the float64 range become ±Infinity and
 * integers beyond 2^53 the nearest float64.
 */
export function parseNumber(text: string): number {
  const trimmed = text.trim()
  if (NUMBER.test(trimmed)) return Number(trimmed)
  const infinite = INFINITE.exec(trimmed)
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity
  return Number.NaN
}

/** Whether the text is a whole number written as one (5, not 5.0 or 5e0). Ask only of what parseNumber accepts. */
export function isIntegerText(text: string): boolean {
  return INTEGER.test(text.trim())
}

/** 0 or 1 for a boolean cell, NaN for anything else. */
export function parseBoolean(text: string): number {
  switch (text.trim()) {
    case 'True':
    case 'true':
    case 'TRUE':
      return 1
    case 'False':
    case 'false':
    case 'FALSE':
      return 0
    default:
      return Number.NaN
  }
}

/** Whether the text is one of the usual marks for a missing value, or nothing but spaces. */
export function isMissingMark(text: string): boolean {
  const trimmed = text.trim()
  return trimmed.length <= 5 && MISSING.test(trimmed)
}

/**
 * The instant that a cell states, in milliseconds since 1970 UTC; NaN when it is no ISO 8601 date or datetime. Parts
 * of a millisecond are kept as far as float64 goes (about a quarter of a microsecond today).
 */
export function parseDatetime(text: string): number {
  // Every accepted form has its first hyphen here; most text leaves at once.
  const trimmed = text.charCodeAt(4) === 45 ? text : text.trim()
  const match = DATETIME.exec(trimmed)
  if (!match) return Number.NaN
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction, zone] = match
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return Number.NaN
  const days = daysSinceEpoch(Number(year), Number(month), Number(day))
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  const milliseconds = fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000
  return days * 86_400_000 + (seconds - offsetSeconds(zone)) * 1000 + milliseconds
}

function offsetSeconds(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'z' || zone === 'UTC') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0
  if (hours > 23 || minutes > 59) return Number.NaN
  return (zone[0] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60)
}

/** Days from 1970-01-01 to a date of the Gregorian calendar; NaN for a date that does not exist. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const date = new Date(0)
  // Not Date.UTC, which reads the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return Number.NaN
  return date.getTime() / 86_400_000
}
