import type { DatasetFacts, FileFormat } from '@posterior/contracts'
import type { InlineTable } from './predictor.ts'

/** Tables that this process turns from one form into another without looking at what they mean. */

export interface InlineFile {
  format: FileFormat
  content: AsyncIterable<Uint8Array>
}

export interface TableFiles {
  /**
   * The column names of a CSV file.
   *
   * @param field what the file is called in the request, for messages
   * @throws AppError CSV_EMPTY, CSV_INVALID, DUPLICATE_COLUMN, LIMIT_EXCEEDED
   */
  csvHeader(path: string, field: string): Promise<string[]>
  /**
   * The columns that `isKept` chooses as CSV, every cell as it stands in the file.
   *
   * @throws AppError as csvHeader; CSV_RAGGED, NO_COLUMNS
   */
  csvColumns(path: string, field: string, isKept: (name: string) => boolean): AsyncIterable<Uint8Array>
  /**
   * The table as a file; rows without names have columns `0`, `1`, ... Numbers, text and booleans keep their types. The
   * same rows give the same bytes.
   *
   * @throws AppError WRONG_COLUMNS for rows of different lengths, BAD_VALUE, NO_COLUMNS
   */
  inline(table: InlineTable, field: string): InlineFile
}

/** A table of a dataset on disk, and how its rows are told apart. */
export interface DatasetFile {
  path: string
  format: FileFormat
  target: string
  splitColumn: string | null
}

export interface DatasetReader {
  /**
   * Read the table within the limits of datasets and count what is in it; the work may take seconds and holds up nothing else.
   *
   * @throws AppError for what cannot be read or split, or is larger than a dataset may be
   */
  inspect(file: DatasetFile): Promise<DatasetFacts>
}
