import { instantTexts } from '../table/instant-text.ts'
import type { NumericColumn, NumericTable } from '../table/numeric-table.ts'
import { isMissingMark, parseDatetime, parseNumber } from '../table/parse-cell.ts'
import { type Column, columnLength, isMissing, MISSING_BOOLEAN, type Table } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'
import { CODE_MISSING, CODE_UNSEEN, codesOf } from './categories.ts'
import { datetimePart } from './datetime-parts.ts'
import { checkStateVersion, type EncodedColumn, type EncoderState } from './encoder-state.ts'
import { matchColumns } from './match-columns.ts'
import { type TextRanks, textRank } from './text-rank.ts'

/**
 * Encode a table as fitEncoder decided. Columns are matched by name, else by position (see matchColumns). A column may
 * come as another kind than at fit as long as its cells still mean the same: "1.5" or true where numbers are expected,
 * 1 where the categories are "1" and "2".
 *
 * @returns columns named as at fit, datetime parts as 'name:part'. Number columns share memory with `table`: do not
 *   write to them
 * @throws TableError wrong_columns; bad_value for text in a number or datetime column, with the row;
 *   unsupported_state
 */
export function encode(state: EncoderState, table: Table): NumericTable {
  checkStateVersion(state, 'encoder')
  const columns = matchColumns(
    state.columns.map((column) => column.name),
    table,
  )
  return {
    rowCount: table.rowCount,
    columns: state.columns.flatMap((encoded, j) => encodeColumn(encoded, columns[j]!)),
  }
}

function encodeColumn(encoded: EncodedColumn, column: Column): NumericColumn[] {
  const { name } = encoded
  switch (encoded.encoding) {
    case 'dropped':
      return []
    case 'number':
      return [{ name, values: toNumbers(column, name), categorical: false }]
    case 'categories': {
      const codes = codesOf(encoded.categories, column)
      const values = Float64Array.from(codes, (code) =>
        code === CODE_MISSING || code === CODE_UNSEEN ? Number.NaN : code,
      )
      return [{ name, values, categorical: true }]
    }
    case 'text':
      return [{ name, values: toTextRanks(column, encoded.ranks), categorical: false, text: true }]
    case 'datetime': {
      const instants = toInstants(column, name)
      return encoded.parts.map((part) => ({
        name: `${name}:${part}`,
        values: datetimePart(instants, part, encoded.origin),
        categorical: false,
      }))
    }
  }
}

function toNumbers(column: Column, name: string): Float64Array {
  switch (column.kind) {
    case 'number':
      return column.values
    case 'boolean':
      return Float64Array.from(column.values, (value) => (value === MISSING_BOOLEAN ? Number.NaN : value))
    case 'string':
      return parseEach(column, name, { parse: parseNumber, expected: 'numbers' })
    case 'datetime':
      return refuseValues(column, name, 'numbers')
  }
}

function toInstants(column: Column, name: string): Float64Array {
  switch (column.kind) {
    case 'datetime':
      return column.values
    case 'string':
      return parseEach(column, name, { parse: parseDatetime, expected: 'dates (ISO 8601)' })
    default:
      return refuseValues(column, name, 'dates (ISO 8601)')
  }
}

function parseEach(
  column: Extract<Column, { kind: 'string' }>,
  name: string,
  { parse, expected }: { parse: (text: string) => number; expected: string },
): Float64Array {
  const byLevel = column.levels.map(parse)
  const values = new Float64Array(column.codes.length)
  for (let row = 0; row < values.length; row++) {
    const code = column.codes[row]!
    const value = code < 0 ? Number.NaN : byLevel[code]!
    if (code >= 0 && Number.isNaN(value) && !isMissingMark(column.levels[code]!)) {
      throw badValue(name, row, expected, `'${column.levels[code]!.slice(0, 40)}'`)
    }
    values[row] = value
  }
  return values
}

/** A column of another kind is fine as long as it is empty. */
function refuseValues(column: Column, name: string, expected: string): Float64Array {
  const length = columnLength(column)
  for (let row = 0; row < length; row++) {
    if (!isMissing(column, row)) throw badValue(name, row, expected, `a ${column.kind}`)
  }
  return new Float64Array(length).fill(Number.NaN)
}

function badValue(name: string, row: number, expected: string, got: string): TableError {
  return new TableError(
    'bad_value',
    `Column '${name}' held ${expected} at fit; data row ${row + 1} holds ${got}. ` +
      'Correct the value, leave it empty, or fit again with such values.',
    { details: { column: name, row } },
  )
}

function toTextRanks(column: Column, ranks: TextRanks): Float64Array {
  const values = new Float64Array(columnLength(column))
  if (column.kind === 'string') {
    const byLevel = column.levels.map((level) => textRank(ranks, level))
    for (let row = 0; row < values.length; row++) {
      values[row] = column.codes[row]! < 0 ? Number.NaN : byLevel[column.codes[row]!]!
    }
    return values
  }
  for (let row = 0; row < values.length; row++) {
    values[row] = isMissing(column, row) ? Number.NaN : textRank(ranks, cellText(column, row))
  }
  return values
}

/** A cell of a column that reads as numbers, booleans or dates, as it was most likely written. */
function cellText(column: Exclude<Column, { kind: 'string' }>, row: number): string {
  const value = column.values[row]!
  if (column.kind === 'boolean') return value === 1 ? 'True' : 'False'
  if (column.kind === 'number') return String(value)
  return instantTexts([value])[0]!
}
