/** Errors of the engine and of tables as errors of the API. Both come with messages that are fit to show. */
import type { ErrorCode } from '@posterior/contracts'
import { EngineError, type EngineErrorCode } from '@posterior/engine'
import { TableError, type TableErrorCode } from '@posterior/tabular'
import { AppError, type AppErrorOptions } from '../../domain/app-error.ts'
import { SETTING_KEYS } from './ensemble-settings.ts'

const TABLE_CODES: Readonly<Record<TableErrorCode, ErrorCode>> = {
  file_not_found: 'GENERAL_ERROR',
  csv_empty: 'CSV_EMPTY',
  csv_ragged: 'CSV_RAGGED',
  csv_quote: 'CSV_INVALID',
  csv_encoding: 'CSV_INVALID',
  csv_binary: 'CSV_INVALID',
  csv_delimiter: 'CSV_INVALID',
  csv_field_too_long: 'CSV_INVALID',
  parquet_invalid: 'PARQUET_INVALID',
  parquet_unsupported: 'PARQUET_UNSUPPORTED',
  duplicate_column: 'DUPLICATE_COLUMN',
  no_columns: 'NO_COLUMNS',
  no_rows: 'NO_ROWS',
  too_many_rows: 'LIMIT_EXCEEDED',
  too_many_columns: 'LIMIT_EXCEEDED',
  too_many_cells: 'LIMIT_EXCEEDED',
  too_large: 'LIMIT_EXCEEDED',
  row_count_mismatch: 'ROW_COUNT_MISMATCH',
  // The only columns that a job names are the categorical ones.
  unknown_column: 'REQUEST_VALIDATION_ERROR',
  wrong_columns: 'WRONG_COLUMNS',
  bad_value: 'BAD_VALUE',
  one_class: 'ONE_CLASS',
  too_many_classes: 'TOO_MANY_CLASSES',
  unknown_class: 'INVALID_DATA',
  target_missing_values: 'TARGET_MISSING_VALUES',
  target_not_finite: 'TARGET_NOT_NUMERIC',
  target_not_numeric: 'TARGET_NOT_NUMERIC',
  unsupported_target: 'INVALID_DATA',
  unsupported_state: 'FIT_LOST',
}

const ENGINE_CODES: Readonly<Record<EngineErrorCode, ErrorCode>> = {
  invalid_options: 'REQUEST_VALIDATION_ERROR',
  unknown_model: 'REQUEST_VALIDATION_ERROR',
  unsupported_task: 'REQUEST_VALIDATION_ERROR',
  too_many_output_values: 'LIMIT_EXCEEDED',
  beyond_model_limits: 'MODEL_RANGE_EXCEEDED',
  too_large_for_memory: 'LIMIT_EXCEEDED',
  model_corrupt: 'GENERAL_ERROR',
  context_not_found: 'FIT_LOST',
  context_corrupt: 'FIT_LOST',
  context_unsupported: 'FIT_LOST',
  context_model_mismatch: 'FIT_MODEL_CHANGED',
  engine_busy: 'SERVER_BUSY',
  engine_closed: 'SHUTTING_DOWN',
  engine_unavailable: 'ENGINE_FAILED',
  worker_crashed: 'ENGINE_FAILED',
  aborted: 'FIT_INTERRUPTED',
  non_finite_output: 'GENERAL_ERROR',
  internal: 'GENERAL_ERROR',
}

/** Errors whose text is for the operator; callers get the text of the catalogue. */
const HIDDEN: ReadonlySet<ErrorCode> = new Set([
  'GENERAL_ERROR',
  'SHUTTING_DOWN',
  'SERVER_BUSY',
  'FIT_INTERRUPTED',
])

/** Errors that are about the target, whatever file was being read. */
const TARGET_CODES: ReadonlySet<ErrorCode> = new Set([
  'ROW_COUNT_MISMATCH',
  'ONE_CLASS',
  'TOO_MANY_CLASSES',
  'TARGET_MISSING_VALUES',
  'TARGET_NOT_NUMERIC',
])

/** Fields of the request by the names of the engine's options. */
const OPTION_FIELDS: Readonly<Record<string, string>> = {
  estimators: 'n_estimators',
  randomState: 'random_state',
  categoricalColumns: 'categorical_features_indices',
  softmaxTemperature: 'softmax_temperature',
  quantiles: 'quantiles',
  output: 'output_type',
  ...Object.fromEntries(
    Object.entries(SETTING_KEYS).map(([setting, key]) => [`ensemble.${setting}`, `inference_config.${key}`]),
  ),
}

const RETRY_AFTER_SECONDS = '2'

/** Which files were being read, to name them; or the one. */
export type Reading = 'fit' | 'predict' | 'answer' | { field: string }

/** The `AppError` for what the engine or a reader of tables threw; anything else is passed on as it is. */
export function translateError(error: unknown, step: Reading): unknown {
  if (error instanceof TableError) return toAppError(TABLE_CODES[error.code], error, step)
  if (error instanceof EngineError) return toAppError(ENGINE_CODES[error.code], error, step)
  return error
}

function toAppError(code: ErrorCode, error: TableError | EngineError, step: Reading): AppError {
  if (HIDDEN.has(code)) {
    const headers = code === 'SERVER_BUSY' ? { 'retry-after': RETRY_AFTER_SECONDS } : {}
    return new AppError(code, { cause: error, headers })
  }
  const { message } = error
  const options: AppErrorOptions = {
    message,
    errors: [{ field: blame(code, error, step), message }],
    cause: error,
  }
  return new AppError(code, options)
}

function blame(code: ErrorCode, error: TableError | EngineError, step: Reading): string {
  const { option, path } = error.details
  if (typeof option === 'string') return OPTION_FIELDS[option] ?? option
  if (typeof step === 'object') return step.field
  if (step === 'answer') return code === 'REQUEST_VALIDATION_ERROR' ? 'model' : 'context'
  if (code === 'REQUEST_VALIDATION_ERROR') {
    return error instanceof TableError ? 'categorical_features_indices' : 'model_path'
  }
  if (step === 'predict') return 'x_test'
  if (TARGET_CODES.has(code)) return 'y_train'
  return typeof path === 'string' && /(^|\/)y-[^/]*$/.test(path) ? 'y_train' : 'x_train'
}
