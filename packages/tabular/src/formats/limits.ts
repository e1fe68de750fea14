import { TableError } from '../table/table-error.ts'

/** What a file may hold. Every limit is checked before the memory for what it bounds is taken. */
export interface TableLimits {
  /** Most data rows. Default 10 million. */
  maxRows?: number
  /** Fewest data rows: 1 refuses a table without rows, 0 lets it pass. Default 1. */
  minRows?: number
  /** Most columns. Default 20,000. */
  maxColumns?: number
  /** Most rows × columns; a number takes 8 bytes. Default 250 million (2 GB). */
  maxCells?: number
  /** Most bytes of text over all cells of a Parquet file, where one byte can stand for a million. Default 2 GiB. */
  maxTextBytes?: number
}

export const DEFAULT_TABLE_LIMITS = {
  maxRows: 10_000_000,
  minRows: 1,
  maxColumns: 20_000,
  maxCells: 250_000_000,
  maxTextBytes: 2 * 1024 ** 3,
} as const satisfies Required<TableLimits>

/** Most bytes of text that one cell may hold, in any format. */
export const MAX_CELL_BYTES = 128 * 1024

/** The given limits, the defaults for the rest. */
export function resolveLimits(limits: TableLimits): Required<TableLimits> {
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
  return { ...DEFAULT_TABLE_LIMITS, ...given }
}

/** @throws TableError too_many_columns */
export function checkColumnCount(columns: number, limits: Required<TableLimits>): void {
  if (columns <= limits.maxColumns) return
  throw new TableError(
    'too_many_columns',
    `The table has ${columns} columns; at most ${limits.maxColumns} are accepted. Send fewer columns.`,
    { details: { columns, maxColumns: limits.maxColumns } },
  )
}

/**
 * Check a row count that may still be growing.
 *
 * @param exact whether `rows` is the number of rows or only "at least so many"
 * @throws TableError too_many_rows, too_many_cells
 */
export function checkRowCount(
  rows: number,
  columns: number,
  { limits, exact }: { limits: Required<TableLimits>; exact: boolean },
): void {
  const has = exact ? 'has' : 'has at least'
  if (rows > limits.maxRows) {
    throw new TableError(
      'too_many_rows',
      `The table ${has} ${rows} rows; at most ${limits.maxRows} are accepted. Send fewer rows.`,
      { details: { rows, maxRows: limits.maxRows } },
    )
  }
  if (rows * columns > limits.maxCells) {
    throw new TableError(
      'too_many_cells',
      `The table ${has} ${rows} rows × ${columns} columns = ${rows * columns} cells; at most ${limits.maxCells} ` +
        'are accepted. Send fewer rows or columns.',
      { details: { rows, columns, maxCells: limits.maxCells } },
    )
  }
}

/** @throws TableError no_rows */
export function checkEnoughRows(rows: number, limits: Required<TableLimits>): void {
  if (rows >= limits.minRows) return
  const got = rows === 0 ? 'no rows' : `${rows} rows`
  throw new TableError('no_rows', `The table has ${got}; at least ${limits.minRows} must be sent.`, {
    details: { rows, minRows: limits.minRows },
  })
}
