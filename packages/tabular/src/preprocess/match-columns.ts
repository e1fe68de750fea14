import type { Column, Table } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'

/**
 * The columns of a later table in the order of the fit: by name when both have the same names, else by position when
 * both have the same number. Going by position while a name stands somewhere else is refused: it would feed one
 * column's values to another.
 *
 * @param names column names at fit, in order
 * @throws TableError wrong_columns with `missing` and `unexpected` names in its details
 */
export function matchColumns(names: readonly string[], table: Table): Column[] {
  const byName = new Map(table.columns.map((column, position) => [column.name, position]))
  if (names.length !== table.columns.length) {
    throw wrongColumns(
      names,
      table,
      `The fit saw ${names.length} feature columns, this table has ${table.columns.length}.`,
    )
  }
  if (names.every((name) => byName.has(name))) return names.map((name) => table.columns[byName.get(name)!]!)
  names.forEach((name, position) => {
    const found = byName.get(name)
    if (found !== undefined && found !== position) {
      throw wrongColumns(
        names,
        table,
        `The column names differ from those of the fit, and '${name}' is column ${found + 1} here but was ` +
          `column ${position + 1} there, so neither names nor positions tell which column is which.`,
      )
    }
  })
  return table.columns
}

function wrongColumns(names: readonly string[], table: Table, reason: string): TableError {
  const here = new Set(table.columns.map((column) => column.name))
  const there = new Set(names)
  const missing = names.filter((name) => !here.has(name)).slice(0, 20)
  const unexpected = [...here].filter((name) => !there.has(name)).slice(0, 20)
  const parts = [reason]
  if (missing.length > 0) parts.push(`Missing: ${quote(missing)}.`)
  if (unexpected.length > 0) parts.push(`Not seen at fit: ${quote(unexpected)}.`)
  parts.push('Send the columns of the fit, without the target.')
  return new TableError('wrong_columns', parts.join(' '), {
    details: { expected: names.length, received: table.columns.length, missing, unexpected },
  })
}

function quote(names: string[]): string {
  return names.map((name) => `'${name.slice(0, 60)}'`).join(', ')
}
