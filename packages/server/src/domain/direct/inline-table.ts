/** Sizes of tables that came with a request, looked at before memory is taken for their columns. */
import type { ErrorCode } from '@posterior/contracts'
import { AppError } from '../app-error.ts'
import type { InlineTable, TableLimits } from '../ports/predictor.ts'

/**
 * @param field what the table is called in the request
 * @throws AppError NO_ROWS, NO_COLUMNS, LIMIT_EXCEEDED
 */
export function checkInlineTable(table: InlineTable, field: string, limits: TableLimits): void {
  const { maxRows, maxColumns, maxCells, rowsNote } = limits
  const { rows, columns } = sizeOf(table, maxColumns)
  const refuse = (code: ErrorCode, message: string) =>
    new AppError(code, { message, errors: [{ field, message }] })
  const tooMany = (count: number | string, what: string, limit: number, advice?: string) =>
    refuse(
      'LIMIT_EXCEEDED',
      `${field} has ${count} ${what}; at most ${limit} are accepted.${advice ? ` ${advice}` : ''}`,
    )
  if (rows === 0) throw refuse('NO_ROWS', `${field} has no rows; at least one must be sent.`)
  if (columns === 0) throw refuse('NO_COLUMNS', `The rows of ${field} are empty.`)
  if (columns > maxColumns) throw tooMany(`more than ${maxColumns}`, 'columns', maxColumns)
  if (rows > maxRows) throw tooMany(rows, 'rows', maxRows, rowsNote)
  if (rows * columns > maxCells)
    throw tooMany(rows * columns, 'cells', maxCells, 'Upload larger tables as files.')
}

/** Columns are counted only until they are too many: rows that share no name would make a table of squared size. */
function sizeOf(table: InlineTable, maxColumns: number): { rows: number; columns: number } {
  if ('rows' in table) return { rows: table.rows.length, columns: table.rows[0]?.length ?? 0 }
  const names = new Set<string>()
  for (const record of table.records) {
    for (const name of Object.keys(record)) names.add(name)
    if (names.size > maxColumns) break
  }
  return { rows: table.records.length, columns: names.size }
}
