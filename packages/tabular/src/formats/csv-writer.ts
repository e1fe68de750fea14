import { instantText } from '../table/instant-text.ts'
import { type Column, isMissing, type Table } from '../table/table.ts'

const ROWS_PER_CHUNK = 1000
const DAY_MS = 86_400_000

/**
 * The table as CSV text by RFC 4180 with LF line ends: a header row, missing cells empty, booleans True and False,
 * instants in ISO 8601, ±Infinity as inf. Whole numbers of a column that is not integer get '.0', so that reading it
 * gives the same kind again. What CSV cannot say is lost: a column of text that states numbers reads as numbers, and
 * empty text as missing.
 */
export function writeCsv(table: Table): string {
  return [...csvChunks(table)].join('')
}

/** The text of writeCsv in pieces of whole rows, for writing large tables to a stream. */
export function* csvChunks(table: Table): Generator<string> {
  yield `${table.columns.map((column) => quote(column.name)).join(',')}\n`
  const writers = table.columns.map(cellWriter)
  for (let from = 0; from < table.rowCount; from += ROWS_PER_CHUNK) {
    const to = Math.min(table.rowCount, from + ROWS_PER_CHUNK)
    let text = ''
    for (let row = from; row < to; row++) {
      const line = writers.map((write) => write(row)).join(',')
      // An empty line would be no row at all.
      text += line === '' ? '""\n' : `${line}\n`
    }
    yield text
  }
}

function cellWriter(column: Column): (row: number) => string {
  switch (column.kind) {
    case 'string': {
      const quoted = column.levels.map(quote)
      return (row) => (column.codes[row]! < 0 ? '' : quoted[column.codes[row]!]!)
    }
    case 'boolean':
      return (row) => (isMissing(column, row) ? '' : column.values[row] === 1 ? 'True' : 'False')
    case 'datetime': {
      const datesOnly = column.values.every((value) => Number.isNaN(value) || value % DAY_MS === 0)
      return (row) => {
        if (isMissing(column, row)) return ''
        const text = instantText(column.values[row]!)
        return datesOnly ? text.replace('T00:00:00.000Z', '') : text
      }
    }
    case 'number':
      return (row) => numberCell(column.values[row]!, column.integer)
  }
}

function numberCell(value: number, integer: boolean): string {
  if (Number.isNaN(value)) return ''
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  if (value === Number.NEGATIVE_INFINITY) return '-inf'
  const text = String(value)
  return integer || !Number.isInteger(value) || text.includes('e') ? text : `${text}.0`
}

function quote(text: string): string {
  return /[",\r\n]|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
