/**
 * How each type that DuckDB finds in a Parquet file becomes a column: the SQL that turns its values into one of four
 * plain vectors (double, utinyint, varchar), with missing already marked, and the array that takes them.
 */
import { type Column, MISSING_BOOLEAN } from '../table/table.ts'

/** A column of the file and how it is read. */
export interface ColumnPlan {
  name: string
  kind: Column['kind']
  /** For numbers: whether the file's type is an integer type. */
  integer: boolean
  /** For numbers: whether pandas says that they are categories. */
  categorical: boolean
  /** SQL expression over the column reference, giving double (number, datetime), utinyint (boolean) or varchar. */
  sql: (reference: string) => string
}

const INTEGERS = /^U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/
const REALS = /^(?:FLOAT|DOUBLE|DECIMAL\(.*\))$/

const orNaN = (sql: string) => `coalesce((${sql})::DOUBLE, 'nan'::DOUBLE)`
const finite = (reference: string, sql: string) => orNaN(`CASE WHEN isfinite(${reference}) THEN ${sql} END`)

/**
 * The plan for a column, or undefined for a type that is no table cell (lists, structs, bytes).
 *
 * @param type DuckDB's name of the type
 */
export function planColumn(name: string, type: string, categorical: boolean): ColumnPlan | undefined {
  const plan = (kind: Column['kind'], sql: ColumnPlan['sql'], integer = false): ColumnPlan => ({
    name,
    kind,
    integer,
    categorical,
    sql,
  })
  if (INTEGERS.test(type)) return plan('number', orNaN, true)
  if (REALS.test(type)) return plan('number', orNaN)
  switch (type) {
    // A column of nothing but nulls, whose values need not be read.
    case 'NULL':
    case '"NULL"':
      return plan('number', () => "'nan'::DOUBLE")
    case 'BOOLEAN':
      return plan('boolean', (c) => `coalesce(${c}::UTINYINT, ${MISSING_BOOLEAN}::UTINYINT)`)
    case 'VARCHAR':
      return plan('string', (c) => c)
    case 'UUID':
    case 'JSON':
      return plan('string', (c) => `${c}::VARCHAR`)
    case 'DATE':
      return plan('datetime', (c) => finite(c, `(${c} - DATE '1970-01-01')::DOUBLE * 86400000`))
    case 'TIMESTAMP_NS':
      return plan('datetime', (c) => finite(c, `epoch_ns(${c})::DOUBLE / 1e6`))
    case 'TIMESTAMP':
    case 'TIMESTAMP_MS':
    case 'TIMESTAMP_S':
    case 'TIMESTAMP WITH TIME ZONE':
      return plan('datetime', (c) => finite(c, `epoch_us(${c})::DOUBLE / 1e3`))
    case 'TIME':
    case 'TIME_NS':
    case 'TIME WITH TIME ZONE':
      // Seconds since midnight.
      return plan('number', (c) => orNaN(`epoch_us(${c}::TIME)::DOUBLE / 1e6`))
    default:
      return undefined
  }
}
