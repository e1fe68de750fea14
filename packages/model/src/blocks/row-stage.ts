/** Row stage: the cells of one row attend to each other; rows do not meet here, so nothing is kept for later. */
import { add, type Dim, expand, reshape, rmsNorm, type Tensor } from '@posterior/graph'
import { type CellSizes, type CompressionSizes, rowWidth } from '../config.ts'
import type { Scope } from '../parameters.ts'
import { embedColumnIds, toColumns, toRows } from './embedding.ts'
import { feedForward, linear, linearFromZero, normHeads, productOf, scaledAttention } from './layers.ts'

/**
 * @param cells  [B, f, N, E]
 * @param ids    [B, f, 16], which let a cell know its column from the others; null where columns are alike
 * @returns [B, f, N, E]
 */
export function rowStage(scope: Scope, cells: Tensor, ids: Tensor | null, config: CellSizes): Tensor {
  const { cellWidth: width, cellHeads: heads } = config
  const plain = toRows(cells)
  const rows = ids ? add(plain, embedColumnIds(scope, ids, config)) : plain
  const flat = reshape(rows, [productOf(rows, 2), rows.shape[2]!, width])
  const normed = rmsNorm(flat)
  const read = scaledAttention(
    normHeads(linear(scope, 'query', normed, width), heads),
    normHeads(linear(scope, 'key', normed, width), heads),
    linear(scope, 'value', normed, width),
    heads,
  )
  const updated = add(flat, linearFromZero(scope, 'out', read, width))
  return toColumns(reshape(feedForward(scope.child('mlp'), updated, config.feedForward), rows.shape))
}

/**
 * Compress each row to one vector: learned queries attend to the row's cells and their results are joined.
 *
 * @param cells  [B, f, N, E]
 * @returns [B, N, rowQueries * E]
 */
export function compressRows(scope: Scope, cells: Tensor, config: CompressionSizes): Tensor {
  const { cellWidth: width, cellHeads: heads, rowQueries: queries } = config
  const rows = toRows(cells)
  const [batch, count, columns] = rows.shape as [Dim, Dim, Dim, number]
  const groups = productOf(rows, 2)
  const normed = rmsNorm(reshape(rows, [groups, columns, width]))
  const start = scope.weight('queries', [queries, width], { kind: 'normal', sd: 1 })
  const query = normHeads(linear(scope, 'query', rmsNorm(start), width), heads)
  const read = scaledAttention(
    expand(query, [groups, queries, width]),
    normHeads(linear(scope, 'key', normed, width), heads),
    linear(scope, 'value', normed, width),
    heads,
  )
  const joined = add(linear(scope, 'out', read, width), start)
  const mixed = feedForward(scope.child('mlp'), joined, config.feedForward)
  return reshape(mixed, [batch, count, rowWidth(config)])
}
