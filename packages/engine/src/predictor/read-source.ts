/** Tables of a job: from a file, or as they were given. */
import { type Column, dropColumns, findColumn, readTable, type Table, TableError } from '@posterior/tabular'
import type { FitJob, TableLimits, TableSource } from '../job.ts'
import { checkAborted } from './check-aborted.ts'

/**
 * Read a table.
 *
 * @throws TableError when it cannot be read or exceeds a limit; EngineError aborted
 */
export async function readSource(
  source: TableSource,
  limits: TableLimits,
  signal?: AbortSignal,
): Promise<Table> {
  const { rowsNote, ...sizes } = limits
  try {
    if ('path' in source) return await readTable(source, sizes, signal)
    checkSize(source.table, sizes)
    return source.table
  } catch (error) {
    checkAborted(signal)
    if (!(rowsNote && error instanceof TableError && error.code === 'too_many_rows')) throw error
    throw new TableError(error.code, `${error.message} ${rowsNote}`, { details: error.details, cause: error })
  }
}

/**
 * Features and target of a fit.
 *
 * @throws TableError when a table cannot be read, has no rows or exceeds a limit, or when the target is not exactly one
 *   column of as many rows; EngineError aborted
 */
export async function readTrainingData(
  job: Pick<FitJob, 'x' | 'y'>,
  limits: TableLimits,
  signal?: AbortSignal,
): Promise<{ x: Table; y: Column }> {
  if ('column' in job.y) {
    const { maxColumns } = limits
    const table = await readSource(
      job.x,
      maxColumns === undefined ? limits : { ...limits, maxColumns: maxColumns + 1 },
      signal,
    )
    const y = findColumn(table, job.y.column)
    return { x: dropColumns(table, [job.y.column]), y }
  }
  const x = await readSource(job.x, limits, signal)
  const { maxRows } = limits
  const targets = await readSource(job.y, maxRows === undefined ? {} : { maxRows }, signal)
  if (targets.columns.length !== 1) {
    throw new TableError(
      'wrong_columns',
      `The target table has ${targets.columns.length} columns; it must have exactly one, the target.`,
      { details: { expected: 1, received: targets.columns.length } },
    )
  }
  if (targets.rowCount !== x.rowCount) {
    throw new TableError(
      'row_count_mismatch',
      `The features have ${x.rowCount} rows and the target has ${targets.rowCount}. Send one target per row.`,
      { details: { rows: targets.rowCount, expectedRows: x.rowCount } },
    )
  }
  return { x, y: targets.columns[0]! }
}

function checkSize({ rowCount, columns }: Table, limits: Omit<TableLimits, 'rowsNote'>): void {
  const { maxRows, maxColumns, maxCells } = limits
  if (maxColumns !== undefined && columns.length > maxColumns) {
    throw new TableError(
      'too_many_columns',
      `The table has ${columns.length} columns; at most ${maxColumns} are accepted.`,
      { details: { columns: columns.length, maxColumns } },
    )
  }
  if (maxRows !== undefined && rowCount > maxRows) {
    throw new TableError(
      'too_many_rows',
      `The table has ${rowCount} rows; at most ${maxRows} are accepted.`,
      { details: { rows: rowCount, maxRows } },
    )
  }
  const cells = rowCount * columns.length
  if (maxCells !== undefined && cells > maxCells) {
    throw new TableError(
      'too_many_cells',
      `The table has ${cells} cells; at most ${maxCells} are accepted.`,
      {
        details: { cells, maxCells },
      },
    )
  }
}
