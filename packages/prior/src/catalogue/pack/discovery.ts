/**
 * Causal discovery: a whole table in, a graph out. What reads the columns standardises them, so that variances, which rise
 * along the causes of an unscaled table, do not give the order away.
 */
import type { NumericColumn } from '@posterior/tabular'
import { type Tensor, tensorOf } from '../studio-prior.ts'

export interface DiscoveryTask {
  readonly columns: NumericColumn[]
  /** [d, d] of 0 and 1, row-major: row causes column. */
  readonly graph: Float64Array
}

/** A sample of `X` and `A` as columns and a graph. */
export function packDiscovery(sample: Record<string, Tensor>): DiscoveryTask {
  const { shape, data } = tensorOf(sample, 'X')
  const [rows, columns] = shape as [number, number]
  return {
    columns: Array.from({ length: columns }, (_, j) => ({
      name: `x${j + 1}`,
      values: Float64Array.from({ length: rows }, (_, i) => data[i * columns + j]!),
      categorical: false,
    })),
    graph: tensorOf(sample, 'A').data,
  }
}
