/**
 * Every way in which a table, a file or a target can be unusable. The server maps these to wire errors, so a
 * code is never renamed; adding one is fine.
 */
export const TABLE_ERROR_CODES = [
  // files
  'file_not_found',
  'csv_empty',
  'csv_ragged',
  'csv_quote',
  'csv_encoding',
  'csv_binary',
  'csv_delimiter',
  'csv_field_too_long',
  'parquet_invalid',
  'parquet_unsupported',
  // shape and limits
  'duplicate_column',
  'no_columns',
  'no_rows',
  'too_many_rows',
  'too_many_columns',
  'too_many_cells',
  'too_large',
  'row_count_mismatch',
  // meaning
  'unknown_column',
  'wrong_columns',
  'bad_value',
  'one_class',
  'too_many_classes',
  'unknown_class',
  'target_missing_values',
  'target_not_finite',
  'target_not_numeric',
  'unsupported_target',
  'unsupported_state',
] as const

export type TableErrorCode = (typeof TABLE_ERROR_CODES)[number]

/**
 * A table or file that cannot be used, with a message fit to show to whoever sent it: what was expected, what
 * came, what to do. `details` is plain JSON (line numbers, counts, names) and holds no cell values.
 */
export class TableError extends Error {
  readonly code: TableErrorCode
  readonly details: Record<string, unknown>

  constructor(
    code: TableErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TableError'
    this.code = code
    this.details = options.details ?? {}
  }
}
