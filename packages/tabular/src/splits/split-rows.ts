/**
 * Which rows of a table are for learning and which for asking: those that a column names, or dealt 3 to 1. The same file
 * always gives the same rows, so that scores of different days and machines are about the same ones.
 */
import { Random } from '../random/random.ts'
import { compareCodePoints } from '../table/compare-text.ts'
import { type CellValue, type Column, cellValue, findColumn, isMissing, type Table } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'

export interface SplitRule {
  /** Column that is predicted. */
  readonly target: string
  /** Column that names the split of each row; null: rows are dealt into `train` and `test`. */
  readonly splitColumn: string | null
}

export interface Split {
  readonly name: string
  /** Increasing. */
  readonly rows: Int32Array
}

/** One row of so many is asked for, the others are learned from. */
const EVERY = 4

/** Targets with more values than this are dealt as numbers are; those with fewer in equal shares of each value. */
const MOST_CLASSES = 20

/**
 * The splits of a table, `train` and `test` first, the others by name.
 *
 * @param maxSplits  most names in the split column
 * @throws TableError unknown_column; target_missing_values; no_rows when fewer than 2 rows would be dealt; bad_value for a
 *   split column with missing, long or too many names, or without `train`
 */
export function splitRows(table: Table, { target, splitColumn }: SplitRule, maxSplits = 20): Split[] {
  const labels = findColumn(table, target)
  for (let row = 0; row < table.rowCount; row++) {
    if (!isMissing(labels, row)) continue
    throw new TableError(
      'target_missing_values',
      `The target '${target}' is missing in data row ${row + 1}. Drop the rows without a label.`,
      { details: { column: target, firstRow: row } },
    )
  }
  const names = splitColumn === null ? dealt(labels, table.rowCount) : named(table, splitColumn, maxSplits)
  const rows = Map.groupBy(names.keys(), (row) => names[row]!)
  return [...rows]
    .map(([name, own]) => ({ name, rows: Int32Array.from(own) }))
    .sort((a, b) => rankOf(a.name) - rankOf(b.name) || compareCodePoints(a.name, b.name))
}

function rankOf(name: string): number {
  const rank = ['train', 'test'].indexOf(name)
  return rank < 0 ? 2 : rank
}

function named(table: Table, splitColumn: string, maxSplits: number): string[] {
  const column = findColumn(table, splitColumn)
  const found = new Set<string>()
  const names = Array.from({ length: table.rowCount }, (_, row) => {
    if (isMissing(column, row)) throw badSplit(splitColumn, `is missing in data row ${row + 1}`)
    const name = String(cellValue(column, row))
    if (name.length > 100) throw badSplit(splitColumn, `has a name of more than 100 characters`)
    found.add(name)
    if (found.size > maxSplits) throw badSplit(splitColumn, `has more than ${maxSplits} different names`)
    return name
  })
  if (!found.has('train')) throw badSplit(splitColumn, 'names no row "train"')
  if (found.size === 1) throw badSplit(splitColumn, 'names every row "train", which leaves none to ask for')
  return names
}

function badSplit(column: string, what: string): TableError {
  return new TableError('bad_value', `The split column '${column}' ${what}.`, { details: { column } })
}

/** Every fourth row of each value of a target with few values, and of all rows of another; a value that is there once is learned. */
function dealt(labels: Column, rowCount: number): string[] {
  if (rowCount < 2) {
    throw new TableError(
      'no_rows',
      'The table has fewer than 2 rows; it needs some to learn from and some to ask for.',
    )
  }
  const random = Random.fromSeed('dataset', 'split')
  const names = Array.from({ length: rowCount }, () => 'train')
  const strata = strataOf(labels, rowCount).filter(({ length }) => length > 1)
  const rows = strata.flatMap((stratum) => random.shuffle(stratum))
  for (const [i, row] of rows.entries()) if (i % EVERY === EVERY - 1) names[row] = 'test'
  // Where every value is rare, each has been kept for learning.
  if (!names.includes('test')) names[rowCount - 1] = 'test'
  return names
}

function strataOf(labels: Column, rowCount: number): number[][] {
  const byValue = new Map<CellValue, number[]>()
  for (let row = 0; row < rowCount; row++) {
    const value = cellValue(labels, row)
    const rows = byValue.get(value)
    if (rows) rows.push(row)
    else byValue.set(value, [row])
    if (byValue.size > MOST_CLASSES) return [Array.from({ length: rowCount }, (_, i) => i)]
  }
  return [...byValue.values()]
}
