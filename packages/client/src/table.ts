/** Tables as programs have them. */

/** One value; null, undefined and NaN are missing. */
export type Cell = string | number | boolean | Date | null | undefined

/** Rows as lists in the order of the columns, or as objects by the names of the columns; all of one form. */
export type Rows = readonly (readonly Cell[])[] | readonly Readonly<Record<string, Cell>>[]

/** A class label, in the type it had in training. */
export type Label = string | number | boolean

/** Rows that a request can hold: what is missing is null everywhere. */
export function toJsonRows(rows: Rows): unknown[] {
  return rows.map((row) =>
    Array.isArray(row)
      ? row.map(toJsonCell)
      : Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, toJsonCell(cell)])),
  )
}

/** A value that a request can hold. A date is written in ISO 8601, UTC. */
export function toJsonCell(cell: Cell): string | number | boolean | null {
  if (cell === undefined || cell === null || (typeof cell === 'number' && Number.isNaN(cell))) return null
  return cell instanceof Date ? cell.toISOString() : cell
}
