/** Tables of a JSON body: rows as lists of cells, or as objects by the names of the columns. */
import { invalidField } from '../../domain/app-error.ts'
import type { InlineTable } from '../../domain/ports/predictor.ts'

/**
 * A table of rows that are all of one form. What the cells hold is checked when they become columns.
 *
 * @throws AppError REQUEST_VALIDATION_ERROR
 */
export function jsonTable(rows: readonly unknown[], field: string): InlineTable {
  const isList = rows.length > 0 && Array.isArray(rows[0])
  const expected = isList ? 'a list of values, as the first row is' : 'an object, or all rows lists of values'
  const wrong = rows.findIndex((row) => (isList ? !Array.isArray(row) : !isRecord(row)))
  if (wrong >= 0) throw invalidField(`${field}.${wrong}`, `must be ${expected}`)
  return isList ? { rows: rows as unknown[][] } : { records: rows as Record<string, unknown>[] }
}

/** Features and target of training rows, the target as a table of one column. */
export interface TrainingTables {
  x: InlineTable
  y: InlineTable
}

/**
 * Features and target: the target beside the rows (`y`), or one of the columns of rows that are objects (`target`).
 *
 * @throws AppError REQUEST_VALIDATION_ERROR
 */
export function trainingTables(
  rows: readonly unknown[],
  { y, target }: { y?: readonly unknown[] | null | undefined; target?: string | null | undefined },
): TrainingTables {
  const x = jsonTable(rows, 'rows')
  if (y != null && target != null) throw invalidField('target', 'send either this or y')
  if (y != null) return { x, y: { rows: y.map((value) => [value]) } }
  if (target == null) {
    throw invalidField('y', 'is missing: send y, or the name of the target column as target')
  }
  if (!('records' in x)) throw invalidField('target', 'names a column, but rows are lists: send y')
  if (!x.records.some((record) => Object.hasOwn(record, target))) {
    throw invalidField('target', `"${target.slice(0, 100)}" is in no row`)
  }
  const features = x.records.map((record) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => name !== target)),
  )
  return { x: { records: features }, y: { rows: x.records.map((record) => [record[target] ?? null]) } }
}

function isRecord(row: unknown): boolean {
  return row !== null && typeof row === 'object' && !Array.isArray(row)
}
