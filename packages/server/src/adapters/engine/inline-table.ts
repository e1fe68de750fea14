import { fromRecords, fromRows, type Table } from '@posterior/tabular'
import type { InlineTable } from '../../domain/ports/predictor.ts'
import { translateError } from './translate-error.ts'

/**
 * A table that came with the request, as columns; rows without names have columns `0`, `1`, ...
 *
 * @throws AppError WRONG_COLUMNS for rows of different lengths, BAD_VALUE
 */
export function tableOf({ table, field }: { table: InlineTable; field: string }): { table: Table } {
  try {
    if ('records' in table) return { table: fromRecords(table.records) }
    const names = (table.rows[0] ?? []).map((_, j) => String(j))
    return { table: fromRows(names, table.rows) }
  } catch (error) {
    throw translateError(error, { field })
  }
}
