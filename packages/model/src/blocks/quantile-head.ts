/** Regression by quantiles: 255 of them for each query row, on the scale of the standardised target. */
import { add, matmul, reluSquared, rmsNorm, type Tensor } from '@posterior/graph'
import { QUANTILES } from '../config.ts'
import type { Scope } from '../parameters.ts'
import { linear } from './layers.ts'

/**
 * @param rows  query rows [B, m, D] after the last layer
 * @returns [B, m, 255], not sorted: the caller rearranges; at the start the quantiles of a standard normal
 */
export function quantileHead(scope: Scope, rows: Tensor): Tensor {
  const width = rows.shape.at(-1) as number
  const hidden = reluSquared(linear(scope, 'up', rmsNorm(rows), 2 * width))
  const weight = scope.weight('down', [2 * width, QUANTILES], { kind: 'zeros' })
  const bias = scope.weight('bias', [QUANTILES], { kind: 'normal-quantiles' })
  return add(matmul(hidden, weight), bias)
}
