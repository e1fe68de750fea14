/**
 * The typing rule of `tabular`'s fitEncoder, applied to columns that are numbers already, so that the model meets the
 * same kinds of cells in training as it does when it serves: numeric columns of few values are categories, categories
 * of many values are not.
 */

import type { NumericColumn } from '@posterior/tabular'

const FEWEST_NUMERIC_VALUES = 4
const MOST_CATEGORIES = 30
const LEAST_ROWS_FOR_NUMERIC_RULE = 100

/**
 * The column as fit would encode it from its leading `trainRows` rows. Category codes become 0..k-1 in their order;
 * codes that the training rows lack become missing (NaN).
 */
export function typeColumn(column: NumericColumn, trainRows: number): NumericColumn {
  const { name, values } = column
  const isTested = column.categorical || trainRows > LEAST_ROWS_FOR_NUMERIC_RULE
  const limit = column.categorical ? Number.POSITIVE_INFINITY : FEWEST_NUMERIC_VALUES
  const present = isTested ? distinctValues(values.subarray(0, trainRows), limit) : []
  if (!isTested || present.length >= limit) return column
  const codes = new Map(present.sort((a, b) => a - b).map((value, code) => [value, code]))
  const hasMissing = values.subarray(0, trainRows).some(Number.isNaN)
  return {
    name,
    values: values.map((value) => codes.get(value) ?? Number.NaN),
    categorical: codes.size + (hasMissing ? 1 : 0) <= MOST_CATEGORIES,
  }
}

/** Distinct present values, at most `limit` of them. */
function distinctValues(values: Float64Array, limit: number): number[] {
  const found = new Set<number>()
  for (let i = 0; i < values.length && found.size < limit; i++) {
    if (!Number.isNaN(values[i]!)) found.add(values[i]!)
  }
  return [...found]
}
