/**
 * The in-context transformer over row vectors. Labelled rows and a few learned "thinking" rows attend to each other
 * with all heads; query rows attend to them through one shared key/value head (multi-query attention,
 * arXiv 1911.02150), which keeps the context small, and never to each other.
 */
import { add, concat, type Dim, expand, mul, mulDims, reshape, rmsNorm, type Tensor } from '@posterior/graph'
import { type RowTransformerSizes, rowWidth } from '../config.ts'
import type { Scope } from '../parameters.ts'
import { feedForward, linear, linearFromZero, logitScale, normHeads, scaledAttention } from './layers.ts'

/** What a query row attends to in one layer, each [B, thinkingRows + n, width of a head]. */
export interface RowContext {
  readonly keys: Tensor
  readonly values: Tensor
}

/** Put the thinking rows before the labelled rows [B, n, D]; `task` [D] tells them which task this is, null in a model of one. */
export function withThinkingRows(
  scope: Scope,
  rows: Tensor,
  task: Tensor | null,
  config: RowTransformerSizes,
): Tensor {
  const width = rowWidth(config)
  const thinking = scope.weight('thinking', [config.thinkingRows, width], { kind: 'normal', sd: 1 })
  const start = expand(task ? add(thinking, task) : thinking, [rows.shape[0]!, config.thinkingRows, width])
  return concat([start, rows], 1)
}

/**
 * One layer over thinking and labelled rows [B, t + n, D].
 *
 * @param options.isNeeded  whether anything reads the updated rows; without it they come back as they were
 * @returns the updated rows, and the keys and values for query rows (of the rows before the update)
 */
export function contextLayer(
  scope: Scope,
  rows: Tensor,
  config: RowTransformerSizes,
  { isNeeded = true } = {},
): { rows: Tensor; context: RowContext } {
  const width = rowWidth(config)
  const heads = config.rowHeads
  const headWidth = width / heads
  const normed = rmsNorm(rows)
  const context = () => ({
    keys: rmsNorm(linear(scope, 'shared_key', normed, headWidth)),
    values: linear(scope, 'shared_value', normed, headWidth),
  })
  if (!isNeeded) return { rows, context: context() }
  const scale = logitScale(scope, heads, headWidth, rows.shape[1]!)
  const read = scaledAttention(
    mul(normHeads(linear(scope, 'query', normed, width), heads), scale),
    normHeads(linear(scope, 'key', normed, width), heads),
    linear(scope, 'value', normed, width),
    heads,
  )
  const updated = add(rows, linearFromZero(scope, 'out', read, width))
  return {
    rows: feedForward(scope.child('mlp'), updated, config.feedForward),
    context: context(),
  }
}

/** One layer for query rows [B, m, D], which read the context of the same layer. */
export function queryLayer(
  scope: Scope,
  rows: Tensor,
  context: RowContext,
  config: RowTransformerSizes,
): Tensor {
  const [batch, count, width] = rows.shape as [Dim, Dim, number]
  const heads = config.rowHeads
  const headWidth = width / heads
  const scale = logitScale(scope, heads, headWidth, context.keys.shape[1]!)
  const query = mul(normHeads(linear(scope, 'query', rmsNorm(rows), width), heads), scale)
  const read = sharedHeadAttention(query, context, heads)
  const updated = add(rows, linearFromZero(scope, 'out', reshape(read, [batch, count, width]), width))
  return feedForward(scope.child('mlp'), updated, config.feedForward)
}

/**
 * All heads of `query` [B, m, heads * d] attend to the same keys [B, T, d] and values [B, T, e].
 *
 * @returns [B, m * heads, e]
 */
export function sharedHeadAttention(query: Tensor, context: RowContext, heads: number): Tensor {
  const [batch, count, width] = query.shape as [Dim, Dim, number]
  const flat = reshape(query, [batch, mulDims(count, heads), width / heads])
  return scaledAttention(flat, context.keys, context.values, 1)
}
