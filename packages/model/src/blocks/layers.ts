/** The small parts that all stages are made of: linear maps, scaled attention, residual blocks. */
import {
  add,
  attention,
  type Dim,
  div,
  expand,
  log,
  matmul,
  mul,
  mulDims,
  reluSquared,
  reshape,
  rmsNorm,
  sizeAsFloat,
  type Tensor,
} from '@posterior/graph'
import type { Scope } from '../parameters.ts'

/** x W without a bias, over the last axis. */
export function linear(scope: Scope, name: string, x: Tensor, width: number): Tensor {
  return matmul(x, scope.matrix(name, x.shape.at(-1) as number, width))
}

/** Like `linear`, starting at zero: the last map of a residual branch, so that a new block is the identity. */
export function linearFromZero(scope: Scope, name: string, x: Tensor, width: number): Tensor {
  return matmul(x, scope.matrix(name, x.shape.at(-1) as number, width, { kind: 'zeros' }))
}

/** x + W2 relu(W1 norm(x))^2. */
export function feedForward(scope: Scope, x: Tensor, factor: number): Tensor {
  const width = x.shape.at(-1) as number
  const hidden = reluSquared(linear(scope, 'up', rmsNorm(x), width * factor))
  return add(x, linearFromZero(scope, 'down', hidden, width))
}

/** RMSNorm of each head's part of the last axis: keeps attention logits bounded whatever the optimiser does. */
export function normHeads(x: Tensor, heads: number): Tensor {
  const width = x.shape.at(-1) as number
  if (heads === 1) return rmsNorm(x)
  const split = reshape(x, [...x.shape.slice(0, -1), heads, width / heads])
  return reshape(rmsNorm(split), x.shape)
}

/**
 * Factor per head on the attention logits as a learned function of the number of keys, 1 at the start ("scalable
 * softmax": without it attention over many rows flattens).
 *
 * @param keyCount  number of keys; the logarithm of it is what the factor depends on
 * @returns [heads * headWidth], to be multiplied with the queries
 */
export function logitScale(scope: Scope, heads: number, headWidth: number, keyCount: Dim): Tensor {
  const { graph } = scope
  const hiddenWidth = 16
  // log(1000) in the middle of the trained range makes the argument of order 1.
  const logCount = div(log(sizeAsFloat(graph.scalar(1), keyCount)), Math.log(1000))
  const first = scope.weight('scale.first', [1, hiddenWidth], { kind: 'normal', sd: 1 })
  const bias = scope.weight('scale.bias', [hiddenWidth], { kind: 'normal', sd: 0.5 })
  const second = scope.weight('scale.second', [hiddenWidth, heads], { kind: 'zeros' })
  const hidden = reluSquared(add(mul(first, logCount), bias))
  const factor = add(reshape(matmul(hidden, second), [heads, 1]), 1)
  return reshape(expand(factor, [heads, headWidth]), [heads * headWidth])
}

/** Attention of normalised queries and keys with the usual 1 / sqrt(width of a head). */
export function scaledAttention(q: Tensor, k: Tensor, v: Tensor, heads: number): Tensor {
  const headWidth = (q.shape.at(-1) as number) / heads
  return attention(q, k, v, { heads, scale: 1 / Math.sqrt(headWidth) })
}

/** Product of the leading `count` dimensions. */
export function productOf(x: Tensor, count: number): Dim {
  return x.shape.slice(0, count).reduce<Dim>(mulDims, 1)
}
