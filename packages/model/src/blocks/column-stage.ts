/**
 * Column stage: the rows of one column exchange information through a few inducing tokens (Set Transformer,
 * arXiv 1810.00825). The tokens attend to the labelled cells; every cell then reads the tokens. What the tokens
 * learned is all that a query row needs later, so it is the column's part of the fitted context.
 */
import { add, type Dim, expand, mul, reshape, rmsNorm, type Tensor } from '@posterior/graph'
import type { ColumnStageSizes } from '../config.ts'
import type { Scope } from '../parameters.ts'
import {
  feedForward,
  linear,
  linearFromZero,
  logitScale,
  normHeads,
  productOf,
  scaledAttention,
} from './layers.ts'

/** Keys and values of the inducing tokens, each [B, f, I, E]. */
export interface ColumnContext {
  readonly keys: Tensor
  readonly values: Tensor
}

/**
 * Let the inducing tokens of each column read its labelled cells.
 *
 * @param cells  [B, f, n, E], target included
 * @param task   vector [E] that tells the tokens which task this is; null for a model of one task
 */
export function readColumns(
  scope: Scope,
  cells: Tensor,
  task: Tensor | null,
  config: ColumnStageSizes,
): ColumnContext {
  const [batch, columns, rows] = cells.shape as [Dim, Dim, Dim, number]
  const { cellWidth: width, cellHeads: heads, inducingPoints: points } = config
  const flat = reshape(cells, [productOf(cells, 2), rows, width])
  const normed = rmsNorm(flat)
  const gather = scope.child('gather')
  const learned = scope.weight('tokens', [points, width], { kind: 'normal', sd: 1 })
  const start = task ? add(learned, task) : learned
  const query = mul(
    normHeads(linear(gather, 'query', rmsNorm(start), width), heads),
    logitScale(gather, heads, width / heads, rows),
  )
  const groups = flat.shape[0]!
  const read = scaledAttention(
    expand(query, [groups, points, width]),
    normHeads(linear(gather, 'key', normed, width), heads),
    linear(gather, 'value', normed, width),
    heads,
  )
  const tokens = feedForward(
    gather.child('mlp'),
    add(linearFromZero(gather, 'out', read, width), start),
    config.feedForward,
  )
  const spread = scope.child('spread')
  const source = rmsNorm(tokens)
  const shape = [batch, columns, points, width]
  return {
    keys: reshape(normHeads(linear(spread, 'key', source, width), heads), shape),
    values: reshape(linear(spread, 'value', source, width), shape),
  }
}

/** Let cells [B, f, N, E] read their column's tokens. */
export function readTokens(
  scope: Scope,
  cells: Tensor,
  context: ColumnContext,
  config: ColumnStageSizes,
): Tensor {
  const { cellWidth: width, cellHeads: heads, inducingPoints: points } = config
  const spread = scope.child('spread')
  const groups = productOf(cells, 2)
  const flat = reshape(cells, [groups, cells.shape[2]!, width])
  const read = scaledAttention(
    normHeads(linear(spread, 'query', rmsNorm(flat), width), heads),
    reshape(context.keys, [groups, points, width]),
    reshape(context.values, [groups, points, width]),
    heads,
  )
  const updated = add(flat, linearFromZero(spread, 'out', read, width))
  return reshape(feedForward(spread.child('mlp'), updated, config.feedForward), cells.shape)
}
