/**
 * Reads a Parquet file into typed columns. Shape, types and limits are taken from the footer before any data is read.
 * Then DuckDB streams the values, a group of columns at a time, as plain vectors that are copied straight into the
 * columns' arrays; only text is handled cell by cell. Memory is that of the columns and a few megabytes.
 *
 * DuckDB is native code that parses what strangers upload: call this in a process that may be lost.
 */
import type { Json } from '@duckdb/node-api'
import { duplicateColumn, makeTable, type Table } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'
import { ChunkMemory } from './chunk-memory.ts'
import { ColumnFiller } from './column-filler.ts'
import { DuckDBSession, quotePath, translateQueryError } from './duckdb-session.ts'
import {
  checkColumnCount,
  checkEnoughRows,
  checkRowCount,
  MAX_CELL_BYTES,
  resolveLimits,
  type TableLimits,
} from './limits.ts'
import { type ColumnPlan, planColumn } from './parquet-columns.ts'
import { checkParquetFrame } from './parquet-footer.ts'

/**
 * Memory for the pages and vectors that are alive at a time, which bounds the columns read in one pass; a page holds
 * about a megabyte. More passes cost more parsing of the footer, which is what takes the time of a very wide file.
 */
const PASS_BYTES = 16 * 1024 ** 2
const PAGE_BYTES = 1024 ** 2
const MAX_COLUMNS_PER_PASS = 4096
/** Of a number in a chunk; texts are taken for as much. */
const VALUE_BYTES = 8

/**
 * Read a Parquet file of flat columns.
 *
 * @throws TableError parquet_invalid, parquet_unsupported, duplicate_column, no_columns, no_rows, too_many_rows,
 *   too_many_columns, too_many_cells, too_large
 */
export async function readParquet(
  path: string,
  limits: TableLimits = {},
  signal?: AbortSignal,
): Promise<Table> {
  signal?.throwIfAborted()
  await checkParquetFrame(path)
  const session = await DuckDBSession.open(path)
  const stop = () => session.interrupt()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await readWith(session, path, resolveLimits(limits), signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw error instanceof TableError ? error : translateQueryError(error, invalid(error, path))
  } finally {
    signal?.removeEventListener('abort', stop)
    session.close()
  }
}

function invalid(cause: unknown, path: string): (message: string) => TableError {
  return (message) => {
    if (message.includes('at least one non-root column')) return noColumns()
    return new TableError(
      'parquet_invalid',
      `The Parquet file cannot be read: it is damaged or not valid Parquet (${withoutPath(message, path)}).`,
      { cause },
    )
  }
}

function noColumns(): TableError {
  return new TableError('no_columns', 'The Parquet file has no columns.')
}

/** Whoever sent the file knows it under another name and must not learn where the server keeps it. */
function withoutPath(message: string, path: string): string {
  return message
    .replaceAll(quotePath(path), 'given')
    .replaceAll(`'${path}'`, 'given')
    .replaceAll(`"${path}"`, 'given')
    .replaceAll(path, 'the file')
}

async function readWith(
  session: DuckDBSession,
  path: string,
  limits: Required<TableLimits>,
  signal: AbortSignal | undefined,
): Promise<Table> {
  const { rows, plans } = await planFile(session, path, limits)
  // Columns are called c0, c1, ...: names may be empty, odd, or differ in case alone, which DuckDB takes for equal.
  const names = plans.map((_, j) => `c${j}`)
  const source = `read_parquet(${quotePath(path)}, hive_partitioning = false) AS t(${names.join(', ')})`
  await checkText(session, source, { plans, limits })
  const fillers = plans.map((plan) => new ColumnFiller(plan, rows))
  const perPass = Math.min(
    MAX_COLUMNS_PER_PASS,
    Math.floor(PASS_BYTES / Math.min(PAGE_BYTES, VALUE_BYTES * rows + 1)),
  )
  const memory = new ChunkMemory()
  for (let from = 0; from < plans.length && rows > 0; from += perPass) {
    const group = fillers.slice(from, from + perPass)
    const select = group.map((filler, k) => filler.plan.sql(names[from + k]!))
    const result = await session.stream(`SELECT ${select.join(', ')} FROM ${source}`)
    for (;;) {
      signal?.throwIfAborted()
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) break
      group.forEach((filler, k) => {
        filler.take(chunk.getColumnVector(k), chunk.rowCount)
      })
      memory.done(chunk.rowCount * group.length * VALUE_BYTES)
    }
  }
  return { rowCount: rows, columns: makeTable(fillers.map((filler) => filler.finish())).columns }
}

/**
 * Add up the lengths of all texts before any is taken over: a dictionary page of a few kilobytes can stand for
 * terabytes. DuckDB knows the lengths without copying the texts.
 */
async function checkText(
  session: DuckDBSession,
  source: string,
  { plans, limits }: { plans: readonly ColumnPlan[]; limits: Required<TableLimits> },
): Promise<void> {
  let total = 0
  for (const [j, plan] of plans.entries()) {
    if (plan.kind !== 'string') continue
    const bytes = `strlen(${plan.sql(`c${j}`)})`
    const [row] = await session.rows(
      `SELECT coalesce(max(${bytes}), 0)::DOUBLE, coalesce(sum(${bytes}), 0)::DOUBLE FROM ${source}`,
    )
    const longest = Number(row?.[0])
    total += Number(row?.[1])
    if (longest > MAX_CELL_BYTES) {
      throw new TableError(
        'too_large',
        `Column '${plan.name}' holds a text of ${longest} bytes; at most ${MAX_CELL_BYTES} are accepted. ` +
          'Shorten it or drop the column.',
        { details: { column: plan.name, bytes: longest, maxBytes: MAX_CELL_BYTES } },
      )
    }
    if (total > limits.maxTextBytes) {
      throw new TableError(
        'too_large',
        `The texts of the table up to column '${plan.name}' add up to ${total} bytes; at most ` +
          `${limits.maxTextBytes} are accepted. Drop long text columns or send fewer rows.`,
        { details: { column: plan.name, bytes: total, maxTextBytes: limits.maxTextBytes } },
      )
    }
  }
}

async function planFile(
  session: DuckDBSession,
  path: string,
  limits: Required<TableLimits>,
): Promise<{ rows: number; plans: ColumnPlan[] }> {
  const file = quotePath(path)
  const [counts] = await session.rows(`SELECT num_rows::DOUBLE FROM parquet_file_metadata(${file})`)
  const [width] = await session.rows(`SELECT count(*)::DOUBLE - 1 FROM parquet_schema(${file})`)
  const rows = toCount(counts?.[0])
  const columns = toCount(width?.[0])
  checkColumnCount(columns, limits)
  checkRowCount(rows, columns, { limits, exact: true })
  if (columns === 0) throw noColumns()
  checkEnoughRows(rows, limits)

  const schema = await session.rows(
    `SELECT name, coalesce(num_children, 0)::DOUBLE, duckdb_type, repetition_type FROM parquet_schema(${file})`,
  )
  const categorical = await pandasCategories(session, file)
  const seen = new Set<string>()
  // The first entry is the root.
  const plans = schema.slice(1).map((entry) => {
    const name = String(entry[0])
    if (seen.has(name)) throw duplicateColumn(name)
    seen.add(name)
    const isNested = entry[1] !== 0 || entry[3] === 'REPEATED'
    const plan = isNested ? undefined : planColumn(name, String(entry[2]), categorical.has(name))
    if (!plan) throw unsupported(name, isNested ? 'nested values' : String(entry[2]))
    return plan
  })
  return { rows, plans }
}

function toCount(value: Json | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new TableError(
    'parquet_invalid',
    'The Parquet file is damaged: its metadata holds no valid row count.',
  )
}

function unsupported(name: string, type: string): TableError {
  const held = type === 'BLOB' ? 'bytes' : type
  return new TableError(
    'parquet_unsupported',
    `Column '${name}' holds ${held}. Columns must hold numbers, text, booleans, dates or times; convert or drop it.`,
    { details: { column: name, type: held } },
  )
}

/** Names of the columns that the metadata of pandas calls categorical; none when there is no such metadata. */
async function pandasCategories(session: DuckDBSession, file: string): Promise<Set<string>> {
  try {
    const [found] = await session.rows(
      `SELECT decode(value) FROM parquet_kv_metadata(${file}) WHERE key = 'pandas'::BLOB LIMIT 1`,
    )
    const metadata = JSON.parse(String(found?.[0])) as {
      columns: { field_name: string; pandas_type: string }[]
    }
    const columns = metadata.columns.filter((column) => column.pandas_type === 'categorical')
    return new Set(columns.map((column) => column.field_name))
  } catch {
    // A hint only: a file without it, or with a damaged one, reads as well.
    return new Set()
  }
}
