import { type ErrorEntry, invalidData } from './entry.ts'

/** Errors of the data, found when a file is read. Messages come from the reader and name file, line or column. */
export const DATA_ERRORS = {
  CSV_EMPTY: invalidData('{reason}', 'A CSV file without a header row.'),
  CSV_RAGGED: invalidData('{reason}', 'A CSV row has more or fewer fields than the header.'),
  CSV_INVALID: invalidData(
    '{reason}',
    'A CSV file that cannot be read: an unclosed quote, an encoding other than UTF-8, a binary file, or a huge field.',
  ),
  PARQUET_INVALID: invalidData('{reason}', 'Not a Parquet file, cut off, or damaged.'),
  PARQUET_UNSUPPORTED: invalidData('{reason}', 'A Parquet column of a kind that has no meaning in a table.'),
  DUPLICATE_COLUMN: invalidData('{reason}', 'Two columns have the same name.'),
  NO_COLUMNS: invalidData('{reason}', 'A table without columns.'),
  NO_ROWS: invalidData('{reason}', 'A table with a header and no rows.'),
  ROW_COUNT_MISMATCH: invalidData('{reason}', 'Features and target have different numbers of rows.'),
  WRONG_COLUMNS: invalidData(
    '{reason}',
    'The rows to predict have other columns than the training rows. The same names in any order, or the same number ' +
      'of columns, are accepted.',
  ),
  BAD_VALUE: invalidData('{reason}', 'A cell holds a value that cannot be used, such as infinity.'),
  ONE_CLASS: invalidData('{reason}', 'A classification target with a single class.'),
  TOO_MANY_CLASSES: invalidData(
    '{reason}',
    'A classification target with more classes than the model can tell apart.',
  ),
  TARGET_MISSING_VALUES: invalidData('{reason}', 'The target has missing values.'),
  TARGET_NOT_NUMERIC: invalidData(
    '{reason}',
    'A regression target that is not a finite number in every row.',
  ),
  INVALID_DATA: invalidData('{reason}', 'Any other reason why the data cannot be used; `message` tells.'),
} as const satisfies Record<string, ErrorEntry>
