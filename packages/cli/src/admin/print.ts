/** Columns padded to the same width, two spaces apart; nothing for no rows. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, j) => Math.max(...rows.map((row) => row[j]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, j) => cell.padEnd(widths[j] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return lines.map((line) => `${line}\n`).join('')
}

/** Indented JSON, as `--json` prints it. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** The day of an ISO time; a dash for none. */
export function day(time: string | null): string {
  return time === null ? '-' : time.slice(0, 10)
}
