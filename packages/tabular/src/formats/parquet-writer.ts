import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'
import type { Column, Table } from '../table/table.ts'
import { isMissing } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'
import { DuckDBSession, quoteName, quoteText } from './duckdb-session.ts'

const ROWS_PER_CHUNK = 2048

/**
 * Write a table as Parquet with zstd compression, replacing the file. Numbers become DOUBLE, or BIGINT when the column
 * is integer and within ±2^53; instants become TIMESTAMP in microseconds; text and booleans what they are; missing is
 * null.
 *
 * @throws TableError no_columns; duplicate_column for two names that differ in case alone and bad_value for a name that is
 *   empty or holds a NUL character, which DuckDB cannot write
 */
export async function writeParquet(table: Table, path: string): Promise<void> {
  if (table.columns.length === 0) {
    throw new TableError('no_columns', 'A Parquet file needs at least one column.')
  }
  checkNames(table)
  const api = await import('@duckdb/node-api')
  const types = table.columns.map((column) => duckType(column, api))
  const session = await DuckDBSession.open(path)
  try {
    const columns = types.map((type, j) => `c${j} ${type}`).join(', ')
    await session.rows(`CREATE TABLE t (${columns})`)
    const appender = await session.connection.createAppender('t')
    const toValue = table.columns.map((column) => valueMaker(column, api))
    for (let from = 0; from < table.rowCount; from += ROWS_PER_CHUNK) {
      const count = Math.min(ROWS_PER_CHUNK, table.rowCount - from)
      const chunk = api.DuckDBDataChunk.create(types, count)
      table.columns.forEach((column, j) => {
        chunk.setColumnValues(
          j,
          Array.from({ length: count }, (_, i) =>
            isMissing(column, from + i) ? null : toValue[j]!(from + i),
          ),
        )
      })
      appender.appendDataChunk(chunk)
    }
    appender.closeSync()
    const select = table.columns.map((column, j) => `c${j} AS ${quoteName(column.name)}`).join(', ')
    // Where a file is already, DuckDB would write another one beside it, which the session may not.
    await session.rows(
      `COPY (SELECT ${select} FROM t) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
    )
  } finally {
    session.close()
  }
}

function checkNames(table: Table): void {
  const seen = new Map<string, string>()
  for (const [position, { name }] of table.columns.entries()) {
    if (name === '' || name.includes('\0')) {
      const what = name === '' ? 'has no name' : 'has a NUL character in its name'
      throw new TableError('bad_value', `Column ${position + 1} ${what}. Rename it.`, {
        details: { column: name },
      })
    }
    const other = seen.get(name.toLowerCase())
    if (other !== undefined) {
      throw new TableError(
        'duplicate_column',
        `The columns '${other}' and '${name}' differ in case alone and cannot be written to one Parquet file. ` +
          'Rename one.',
        { details: { column: name } },
      )
    }
    seen.set(name.toLowerCase(), name)
  }
}

function duckType(column: Column, api: typeof import('@duckdb/node-api')): DuckDBType {
  switch (column.kind) {
    case 'boolean':
      return api.BOOLEAN
    case 'string':
      return api.VARCHAR
    case 'datetime':
      return api.TIMESTAMP
    case 'number':
      return isExactInteger(column) ? api.BIGINT : api.DOUBLE
  }
}

function isExactInteger(column: Extract<Column, { kind: 'number' }>): boolean {
  return column.integer && column.values.every((value) => Number.isSafeInteger(value) || Number.isNaN(value))
}

/** The DuckDB value of a cell that is not missing. */
function valueMaker(column: Column, api: typeof import('@duckdb/node-api')): (row: number) => DuckDBValue {
  switch (column.kind) {
    case 'string':
      return (row) => column.levels[column.codes[row]!]!
    case 'boolean':
      return (row) => column.values[row] === 1
    case 'datetime':
      return (row) => new api.DuckDBTimestampValue(BigInt(Math.round(column.values[row]! * 1000)))
    case 'number': {
      const exact = isExactInteger(column)
      return (row) => (exact ? BigInt(column.values[row]!) : column.values[row]!)
    }
  }
}
