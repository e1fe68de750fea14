/** Tables and figures of the pages that benches write. */

/** Lines of a table. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)]
}

export function fixed(value: number, digits: number): string {
  return value.toFixed(digits)
}

/** Empty for what was not measured. */
export function percent(share: number | null): string {
  return share === null ? '' : `${(100 * share).toFixed(1)} %`
}
