/** Which labelled rows each member learns from. */
import { Random } from '@posterior/tabular'
import { EngineError } from '../errors.ts'
import type { RowSample } from './settings.ts'

/**
 * Rows of one member, in increasing order. A number of rows is drawn without replacement; for classification each
 * class keeps a row as long as there are as many rows as classes. As many rows as the table has, or more, are all of it.
 *
 * @param labels  class of each row, or targets
 * @returns null for all rows
 * @throws EngineError invalid_options for a row number that the table does not have
 */
export function sampleRows(
  sample: RowSample | undefined,
  labels: Int32Array | Float64Array,
  { randomState, member }: { randomState: number; member: number },
): Int32Array | null {
  const total = labels.length
  if (!sample) return null
  if ('rows' in sample) {
    const list = sample.rows[member % sample.rows.length]!
    const wrong = list.find((row) => !(Number.isInteger(row) && row >= 0 && row < total))
    if (wrong !== undefined) {
      throw new EngineError(
        'invalid_options',
        `rowSample names row ${wrong}; the training table has ${total} rows, counted from 0.`,
        { details: { option: 'ensemble.rowSample', row: wrong, rows: total } },
      )
    }
    return Int32Array.from(list)
  }
  const count = 'count' in sample ? sample.count : Math.max(1, Math.round(sample.share * total))
  if (count >= total) return null
  const order = Random.fromSeed(randomState, 'member', member, 'rows').permutation(total)
  const chosen = labels instanceof Int32Array ? oneOfEachClassFirst(order, labels) : order
  return chosen.slice(0, count).sort()
}

function oneOfEachClassFirst(order: Int32Array, classes: Int32Array): Int32Array {
  const seen = new Set<number>()
  const first: number[] = []
  const rest: number[] = []
  for (const row of order) {
    const list = seen.has(classes[row]!) ? rest : first
    list.push(row)
    seen.add(classes[row]!)
  }
  return Int32Array.from([...first, ...rest])
}

/** Rows that each member learns from, before any is drawn. */
export function sampleSize(sample: RowSample | undefined, total: number, member: number): number {
  if (!sample) return total
  if ('rows' in sample) return sample.rows[member % sample.rows.length]!.length
  const count = 'count' in sample ? sample.count : Math.max(1, Math.round(sample.share * total))
  return Math.min(count, total)
}
