/**
 * How much one column tells of the target: the share of the target's impurity (Gini impurity of classes, variance of
 * numbers) that the best split into eight groups of its values removes, missing values a group of their own. It stands in
 * for the importance that a forest would measure, and sees what a column does alone.
 */
import type { NumericColumn } from '@posterior/tabular'

const GROUPS = 8

/**
 * @param labels  class of each row, or targets
 * @returns 0..1
 */
export function columnImportance(column: NumericColumn, labels: Int32Array | Float64Array): number {
  const groups = groupsOf(column.values)
  const whole = impurity(labels, labels.length)
  if (!(whole > 0)) return 0
  let left = 0
  for (const rows of groups) {
    if (rows.length > 0)
      left += impurity(
        labels instanceof Int32Array
          ? Int32Array.from(rows, (r) => labels[r]!)
          : Float64Array.from(rows, (r) => labels[r]!),
        labels.length,
      )
  }
  return Math.max(0, 1 - left / whole)
}

/** Rows by rank of their value, equal values together, missing last. */
function groupsOf(values: Float64Array): number[][] {
  const present = Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]!))
  present.sort((a, b) => values[a]! - values[b]! || a - b)
  const groups: number[][] = Array.from({ length: GROUPS + 1 }, () => [])
  let group = 0
  present.forEach((row, i) => {
    const isNewValue = i === 0 || values[row] !== values[present[i - 1]!]
    if (isNewValue) group = Math.min(GROUPS - 1, Math.floor((i * GROUPS) / present.length))
    groups[group]!.push(row)
  })
  groups[GROUPS] = Array.from(values.keys()).filter((row) => Number.isNaN(values[row]!))
  return groups
}

/** Impurity of some labels, weighted by their share of all rows. */
function impurity(labels: Int32Array | Float64Array, total: number): number {
  const count = labels.length
  if (labels instanceof Int32Array) {
    const counts = new Map<number, number>()
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
    let pure = 0
    for (const n of counts.values()) pure += (n / count) ** 2
    return ((1 - pure) * count) / total
  }
  const mean = labels.reduce((sum, y) => sum + y / count, 0)
  return labels.reduce((sum, y) => sum + (y - mean) ** 2, 0) / total
}
