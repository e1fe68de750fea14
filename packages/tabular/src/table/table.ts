/**
 * A table is a list of typed columns of one length, held in typed arrays: 8 bytes a number, 4 bytes a string
 * cell plus each distinct string once. Missing is NaN, 255 or -1 by kind, never null.
 */
import { instantText } from './instant-text.ts'
import { TableError } from './table-error.ts'

/** Numbers. NaN = missing; ±Infinity is a value. `integer` = every value present is a whole number by its type. */
export interface NumberColumn {
  kind: 'number'
  name: string
  values: Float64Array
  /** Whether the source says integer: decides only how labels are written back (3 or 3.0), not the maths. */
  integer: boolean
  /** Whether the source declares the numbers to be categories (a pandas categorical of integers in Parquet). */
  categorical?: boolean
}

/** Booleans as 0 and 1; 255 = missing. */
export interface BooleanColumn {
  kind: 'boolean'
  name: string
  values: Uint8Array
}

/** Strings as indices into `levels`, which stand in order of first appearance; -1 = missing. */
export interface StringColumn {
  kind: 'string'
  name: string
  codes: Int32Array
  levels: string[]
}

/** Instants as milliseconds since 1970-01-01 UTC (a zone-less time is read as UTC); NaN = missing. */
export interface DatetimeColumn {
  kind: 'datetime'
  name: string
  values: Float64Array
}

export type Column = NumberColumn | BooleanColumn | StringColumn | DatetimeColumn

/** Columns of one length with distinct names. */
export interface Table {
  rowCount: number
  columns: Column[]
}

/** The mark of a missing boolean. */
export const MISSING_BOOLEAN = 255

/** The mark of a missing string. */
export const MISSING_CODE = -1

/** Number of rows in one column. */
export function columnLength(column: Column): number {
  return column.kind === 'string' ? column.codes.length : column.values.length
}

/** Whether the cell at `row` is missing. */
export function isMissing(column: Column, row: number): boolean {
  switch (column.kind) {
    case 'string':
      return column.codes[row]! < 0
    case 'boolean':
      return column.values[row] === MISSING_BOOLEAN
    default:
      return Number.isNaN(column.values[row]!)
  }
}

/** How many cells of the column are missing. */
export function countMissing(column: Column): number {
  const length = columnLength(column)
  let missing = 0
  for (let row = 0; row < length; row++) if (isMissing(column, row)) missing++
  return missing
}

/**
 * Put columns together into a table.
 *
 * @throws TableError duplicate_column, row_count_mismatch (columns of different lengths)
 */
export function makeTable(columns: Column[]): Table {
  const rowCount = columns.length === 0 ? 0 : columnLength(columns[0]!)
  const seen = new Set<string>()
  for (const column of columns) {
    if (seen.has(column.name)) throw duplicateColumn(column.name)
    seen.add(column.name)
    const length = columnLength(column)
    if (length !== rowCount) {
      throw new TableError(
        'row_count_mismatch',
        `Column '${column.name}' has ${length} rows where the first column has ${rowCount}. ` +
          'Send columns of one length.',
        { details: { column: column.name, rows: length, expectedRows: rowCount } },
      )
    }
  }
  return { rowCount, columns }
}

/** The error for a name that two columns share. */
export function duplicateColumn(name: string): TableError {
  return new TableError(
    'duplicate_column',
    `Two columns are named '${name}'. Column names must be distinct: rename or drop one.`,
    { details: { column: name } },
  )
}

/**
 * The column of that name.
 *
 * @throws TableError unknown_column
 */
export function findColumn(table: Table, name: string): Column {
  const found = table.columns.find((column) => column.name === name)
  if (found) return found
  const names = table.columns.map((column) => `'${column.name}'`)
  const shown = names.slice(0, 10).join(', ') + (names.length > 10 ? `, … (${names.length} in all)` : '')
  throw new TableError(
    'unknown_column',
    `There is no column '${name}'. The columns are ${shown || 'none'}.`,
    {
      details: { column: name },
    },
  )
}

/**
 * A table of the named columns in that order; the columns themselves are shared, not copied.
 *
 * @throws TableError unknown_column
 */
export function selectColumns(table: Table, names: readonly string[]): Table {
  return { rowCount: table.rowCount, columns: names.map((name) => findColumn(table, name)) }
}

/**
 * A table without the named columns; the rest are shared, not copied.
 *
 * @throws TableError unknown_column when a name is not there
 */
export function dropColumns(table: Table, names: readonly string[]): Table {
  for (const name of names) findColumn(table, name)
  const dropped = new Set(names)
  return { rowCount: table.rowCount, columns: table.columns.filter((column) => !dropped.has(column.name)) }
}

/**
 * A copy with the given rows in the given order; an index may come more than once.
 *
 * @param rows indices, each 0 ≤ i < rowCount
 * @throws RangeError for an index outside the table (a bug of the caller, not of the data)
 */
export function takeRows(table: Table, rows: ArrayLike<number>): Table {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    if (!(Number.isInteger(row) && row >= 0 && row < table.rowCount)) {
      throw new RangeError(`Row ${row} is outside a table of ${table.rowCount} rows.`)
    }
  }
  return { rowCount: rows.length, columns: table.columns.map((column) => takeColumnRows(column, rows)) }
}

function takeColumnRows(column: Column, rows: ArrayLike<number>): Column {
  if (column.kind === 'string') {
    const codes = new Int32Array(rows.length)
    for (let i = 0; i < rows.length; i++) codes[i] = column.codes[rows[i]!]!
    return { ...column, codes }
  }
  if (column.kind === 'boolean') {
    const values = new Uint8Array(rows.length)
    for (let i = 0; i < rows.length; i++) values[i] = column.values[rows[i]!]!
    return { ...column, values }
  }
  const values = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) values[i] = column.values[rows[i]!]!
  return { ...column, values }
}

/** A JSON-ready cell: number, boolean, string, ISO 8601 text for an instant, or null when missing. */
export type CellValue = number | boolean | string | null

/**
 * One cell as a JSON value. ±Infinity comes back as a number and must not be put into JSON as it is.
 */
export function cellValue(column: Column, row: number): CellValue {
  if (isMissing(column, row)) return null
  switch (column.kind) {
    case 'string':
      return column.levels[column.codes[row]!]!
    case 'boolean':
      return column.values[row] === 1
    case 'datetime':
      return instantText(column.values[row]!)
    case 'number':
      return column.values[row]!
  }
}
