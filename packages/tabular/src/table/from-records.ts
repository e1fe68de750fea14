import { type Column, duplicateColumn, MISSING_BOOLEAN, makeTable, type Table } from './table.ts'
import { TableError } from './table-error.ts'

/**
 * A table from JSON rows. Columns come in order of first appearance; a key that a row lacks is missing there. JSON
 * types are believed: a column of numbers is a number column, of booleans a boolean column, of both a number column;
 * any string makes it a string column, the rest written as JSON writes it. null and undefined are missing.
 *
 * @throws TableError bad_value for an array, object or other value that is no cell
 */
export function fromRecords(records: readonly Readonly<Record<string, unknown>>[]): Table {
  const columns = new Map<string, unknown[]>()
  records.forEach((record, row) => {
    for (const key of Object.keys(record)) {
      let cells = columns.get(key)
      if (!cells) {
        cells = new Array(records.length).fill(null)
        columns.set(key, cells)
      }
      cells[row] = record[key]
    }
  })
  const table = makeTable([...columns].map(([name, cells]) => fromCells(name, cells)))
  return { rowCount: records.length, columns: table.columns }
}

/**
 * A table from JSON rows given as arrays, with the column names beside them. Types as in fromRecords.
 *
 * @throws TableError wrong_columns for a row of another length, duplicate_column, bad_value
 */
export function fromRows(names: readonly string[], rows: readonly (readonly unknown[])[]): Table {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw duplicateColumn(name)
    seen.add(name)
  }
  rows.forEach((row, i) => {
    if (row.length !== names.length) {
      throw new TableError(
        'wrong_columns',
        `Row ${i} has ${row.length} values; the table has ${names.length} columns.`,
        { details: { row: i, expected: names.length, received: row.length } },
      )
    }
  })
  const columns = names.map((name, j) =>
    fromCells(
      name,
      rows.map((row) => row[j]),
    ),
  )
  return { rowCount: rows.length, columns }
}

function fromCells(name: string, cells: readonly unknown[]): Column {
  let hasNumber = false
  let hasBoolean = false
  let hasString = false
  cells.forEach((cell, row) => {
    if (cell === null || cell === undefined) return
    if (typeof cell === 'number') hasNumber = true
    else if (typeof cell === 'boolean') hasBoolean = true
    else if (typeof cell === 'string') hasString = true
    else {
      const got = Array.isArray(cell) ? 'an array' : `a value of type ${typeof cell}`
      throw new TableError(
        'bad_value',
        `Column '${name}', row ${row} holds ${got}. A cell must be a number, text, true, false or null.`,
        { details: { column: name, row } },
      )
    }
  })
  if (hasString) return stringColumn(name, cells)
  if (hasBoolean && !hasNumber) {
    const values = Uint8Array.from(cells, (cell) =>
      typeof cell === 'boolean' ? Number(cell) : MISSING_BOOLEAN,
    )
    return { kind: 'boolean', name, values }
  }
  const values = Float64Array.from(cells, (cell) =>
    cell === null || cell === undefined ? Number.NaN : Number(cell),
  )
  return {
    kind: 'number',
    name,
    values,
    integer: hasNumber && values.every((x) => Number.isInteger(x) || Number.isNaN(x)),
  }
}

function stringColumn(name: string, cells: readonly unknown[]): Column {
  const codes = new Int32Array(cells.length)
  const levels: string[] = []
  const codeOf = new Map<string, number>()
  cells.forEach((cell, row) => {
    if (cell === null || cell === undefined) {
      codes[row] = -1
      return
    }
    const text = String(cell)
    let code = codeOf.get(text)
    if (code === undefined) {
      code = levels.length
      codeOf.set(text, code)
      levels.push(text)
    }
    codes[row] = code
  })
  return { kind: 'string', name, codes, levels }
}
