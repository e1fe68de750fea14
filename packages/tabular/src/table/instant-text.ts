/**
 * ISO 8601 text of an instant in UTC, '2024-05-17T08:30:00.000Z', with six decimals when it has microseconds.
 *
 * @param milliseconds since 1970 UTC, not NaN; beyond the calendar's ±271,821 years the number itself is written
 */
export function instantText(milliseconds: number): string {
  let whole = Math.floor(milliseconds)
  let micros = Math.round((milliseconds - whole) * 1000)
  if (micros === 1000) {
    whole++
    micros = 0
  }
  const date = new Date(whole)
  if (Number.isNaN(date.getTime())) return String(milliseconds)
  const text = date.toISOString()
  return micros === 0 ? text : `${text.slice(0, -1)}${String(micros).padStart(3, '0')}Z`
}

/** ISO 8601 texts of instants: dates alone when every one is a midnight. */
export function instantTexts(instants: readonly number[]): string[] {
  const texts = instants.map(instantText)
  const midnight = 'T00:00:00.000Z'
  return texts.every((text) => text.endsWith(midnight))
    ? texts.map((text) => text.slice(0, -midnight.length))
    : texts
}
