/** Days and months in UTC, the periods after which pools are filled again. Times are ms since 1970. */

/** Name of the day of `time`, such as `2026-11-22`. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** Name of the month of `time`, such as `2026-11`. */
export function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7)
}

/** Start of the next day, 00:00 UTC. */
export function nextDay(time: number): number {
  const date = new Date(time)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1)
}

/** Start of the next month, 00:00 UTC on the 1st. */
export function nextMonth(time: number): number {
  const date = new Date(time)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

/** A time as text with whole seconds, such as `2026-11-23T00:00:00Z`; a fraction is rounded up. */
export function isoSeconds(time: number): string {
  return new Date(Math.ceil(time / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}
