import type { Table } from '../table/table.ts'
import { readCsv } from './csv-reader.ts'
import type { TableLimits } from './limits.ts'
import { readParquet } from './parquet-reader.ts'

/** A file on disk and what it is said to be; a file that is something else is an error, never a guess. */
export interface TableFile {
  path: string
  format: 'csv' | 'parquet'
}

/**
 * Read a file into typed columns.
 *
 * CSV cells get their types from our own rules (see `parse-cell.ts`), Parquet columns from the file; text of a Parquet
 * file stays text here and is looked at again by fitEncoder.
 *
 * @throws TableError as readCsv and readParquet; the reason of `signal` when it is aborted
 */
export function readTable(file: TableFile, limits: TableLimits = {}, signal?: AbortSignal): Promise<Table> {
  return file.format === 'csv' ? readCsv(file.path, limits, signal) : readParquet(file.path, limits, signal)
}
