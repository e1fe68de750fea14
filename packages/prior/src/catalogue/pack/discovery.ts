/**
 * Causal discovery: a whole table in, a graph out. What reads the columns standardises them, so that variances, which rise
 * along the causes of an unscaled table, do not give the order away.
 */
import type { NumericColumn, Random } from '@posterior/tabular'
import type { TaskBatch } from '../../batch/batch-spec.ts'
import { writeCells } from '../../batch/write-batch.ts'
import { type Tensor, tensorOf } from '../studio-prior.ts'

/** Least and most columns of a table with a graph; as many as callers may ask about. */
export const GRAPH_COLUMNS = [2, 64] as const

export interface DiscoveryTask {
  readonly columns: NumericColumn[]
  /** [d, d] of 0 and 1, row-major: row causes column. */
  readonly graph: Float64Array
}

/** A sample of `X` and `A` as columns and a graph. */
export function packDiscovery(sample: Readonly<Record<string, Tensor>>): DiscoveryTask {
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

/** Write tables, and the graphs behind them as targets; each with its own generator. */
export function writeTables(
  batch: TaskBatch,
  tables: readonly DiscoveryTask[],
  draws: readonly Random[],
): void {
  const { batch: size, features, source } = batch.spec
  const each = features ** 2
  const share = 1 / (features * (features - 1))
  const adjacency = new Float32Array(size * each)
  const pairs = Float32Array.from({ length: size * each }, (_, i) =>
    Math.floor((i % each) / features) === i % features ? 0 : share,
  )
  for (const [b, { columns, graph }] of tables.entries()) {
    batch.families[b] = source!.id
    writeCells(batch, b, columns, { quantileShare: 0, random: draws[b]! })
    adjacency.set(graph, b * each)
  }
  batch.graphs = { adjacency, pairs }
}
