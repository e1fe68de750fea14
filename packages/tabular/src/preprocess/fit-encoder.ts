/**
 * Decides, from the training rows alone, how each column reaches the model. The typing rule is that of the open
 * TabPFN packages: a column that never varies is dropped; numbers, and texts that all state numbers, are numeric
 * unless they have few distinct values or the caller calls them categorical; other text is categorical up to a number
 * of distinct values (missing counted) and free text above it. Booleans are two categories, datetimes are expanded.
 */
import { retypeStrings } from '../table/infer-column.ts'
import type { Column, Table } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'
import { distinctValues, sortLevels } from './categories.ts'
import { DATETIME_PARTS, datetimePart } from './datetime-parts.ts'
import { type ColumnEncoding, type EncodedColumn, type EncoderState, encodedWidth } from './encoder-state.ts'
import { fitTextRanks } from './text-rank.ts'

export interface FitEncoderOptions {
  /**
   * 0-based positions of columns to treat as categorical, beside those that the rule finds; one with more than
   * `maxCategories` distinct values keeps its kind.
   */
  categoricalColumns?: readonly number[]
  /** Most distinct values, missing counted, of a categorical column. */
  maxCategories?: number
  /** A numeric column with fewer distinct values than this is categorical ... */
  minNumericDistinct?: number
  /** ... when the table has more rows than this. */
  minRowsForCategoricalRule?: number
}

/**
 * Learn how to encode a table.
 *
 * When no column varies the first one is kept, so that the model still has an input and answers with the base rate.
 *
 * @throws TableError no_columns, no_rows, unknown_column (a position in `categoricalColumns` outside the table)
 */
export function fitEncoder(table: Table, options: FitEncoderOptions = {}): EncoderState {
  if (table.columns.length === 0) {
    throw new TableError('no_columns', 'The training table has no feature columns. Send at least one.')
  }
  if (table.rowCount === 0) {
    throw new TableError('no_rows', 'The training table has no rows. Send at least one.')
  }
  const rules = {
    maxCategories: options.maxCategories ?? 30,
    minNumericDistinct:
      table.rowCount > (options.minRowsForCategoricalRule ?? 100) ? (options.minNumericDistinct ?? 4) : 0,
  }
  const declared = checkPositions(options.categoricalColumns ?? [], table)
  const columns = table.columns.map((original, j): EncodedColumn => {
    const column = retype(original)
    const encoding = chooseEncoding(column, { ...rules, declared: declared.has(j) })
    return { name: original.name, kind: column.kind, ...encoding }
  })
  if (encodedWidth({ version: 1, columns }) === 0) {
    const column = retype(table.columns[0]!)
    const encoding = encodeVarying(column, { ...rules, declared: declared.has(0) })
    columns[0] = { name: column.name, kind: column.kind, ...encoding }
  }
  return { version: 1, columns }
}

/** Texts that all state numbers, booleans or dates as what they state. */
function retype(column: Column): Column {
  return column.kind === 'string' ? retypeStrings(column) : column
}

function checkPositions(positions: readonly number[], table: Table): Set<number> {
  for (const position of positions) {
    if (!(Number.isInteger(position) && position >= 0 && position < table.columns.length)) {
      throw new TableError(
        'unknown_column',
        `Categorical column ${position} does not exist: the table has ${table.columns.length} columns, ` +
          'counted from 0.',
        { details: { position, columns: table.columns.length } },
      )
    }
  }
  return new Set(positions)
}

interface Rules {
  maxCategories: number
  minNumericDistinct: number
  declared: boolean
}

function chooseEncoding(column: Column, rules: Rules): ColumnEncoding {
  const { counts, missing } = distinctValues(column, 1)
  const isConstant = counts.size + (missing > 0 ? 1 : 0) <= 1
  return isConstant ? { encoding: 'dropped' } : encodeVarying(column, rules)
}

function encodeVarying(column: Column, rules: Rules): ColumnEncoding {
  const { counts, missing, exceeded } = distinctValues(column, rules.maxCategories)
  const distinct = counts.size + (missing > 0 ? 1 : 0)
  const fewEnough = !exceeded && distinct <= rules.maxCategories
  const asCategories = (): ColumnEncoding => ({
    encoding: 'categories',
    categories: { of: column.kind, levels: sortLevels(counts.keys()) },
  })
  switch (column.kind) {
    case 'boolean':
      return asCategories()
    case 'string':
      return fewEnough
        ? asCategories()
        : { encoding: 'text', ranks: fitTextRanks(distinctValues(column).counts.keys()) }
    case 'datetime':
      return rules.declared && fewEnough ? asCategories() : expandDatetime(column.values)
    case 'number': {
      const wanted = rules.declared || column.categorical === true || counts.size < rules.minNumericDistinct
      // JSON has no infinity, so a column that holds one stays a number.
      const finite = [...counts.keys()].every(Number.isFinite)
      return wanted && fewEnough && finite && counts.size > 0 ? asCategories() : { encoding: 'number' }
    }
  }
}

function expandDatetime(values: Float64Array): ColumnEncoding {
  let origin = Number.POSITIVE_INFINITY
  for (const value of values) if (value < origin) origin = value
  if (origin === Number.POSITIVE_INFINITY) origin = 0
  const parts = DATETIME_PARTS.filter(
    (part) => part === 'elapsed' || varies(datetimePart(values, part, origin)),
  )
  return { encoding: 'datetime', origin, parts }
}

/** Whether two values that are there differ. */
function varies(values: Float64Array): boolean {
  let first = Number.NaN
  for (const value of values) {
    if (Number.isNaN(value)) continue
    if (Number.isNaN(first)) first = value
    else if (value !== first) return true
  }
  return false
}
