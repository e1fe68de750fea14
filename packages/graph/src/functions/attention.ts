/**
 * Multi-head attention without a mask, softmax(q k' scale) v for each head (Vaswani et al., arXiv 1706.03762).
 *
 * The backward pass is written by hand: with P the attention weights and O the output, dP enters only through
 * P (dP - rowsum(dO O)), so no sum over the [S, T] matrix is needed.
 */
import { type Dim, formatShape, ShapeError } from '../dim.ts'
import type { Tensor } from '../graph.ts'
import { ONNX_RUNTIME_DOMAIN } from '../onnx/model-proto.ts'
import { mul, sub } from '../ops/elementwise.ts'
import { reshape, transpose } from '../ops/layout.ts'
import { matmul, softmax, swapLast } from '../ops/matmul.ts'
import { sum } from '../ops/reduce.ts'
import { callFunction } from './named-function.ts'

export interface AttentionOptions {
  readonly heads: number
  /** Factor on q k' before the softmax. */
  readonly scale: number
}

/**
 * @param q  queries [G, S, heads * d]
 * @param k  keys    [G, T, heads * d]
 * @param v  values  [G, T, heads * e]
 * @returns [G, S, heads * e]
 * @throws ShapeError when the shapes do not fit or the widths are not divisible by the number of heads
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  checkShapes(q, k, v, options.heads)
  const { heads, scale } = options
  const shape = [q.shape[0]!, q.shape[1]!, v.shape[2]!]
  if (q.graph.lowering === 'onnxruntime') {
    return q.graph.node('MultiHeadAttention', [q, k, v], shape, 'float32', {
      domain: ONNX_RUNTIME_DOMAIN,
      attributes: { num_heads: heads, scale: { float: scale } },
    })
  }
  const parameters = { heads, scale }
  const outputs: Tensor[] = callFunction(
    { name: 'Attention', parameters, body: (a, b, c) => forward(a!, b!, c!, options) },
    [q, k, v],
    {
      vjp: ([dy]) =>
        callFunction(
          {
            name: 'AttentionGradient',
            parameters,
            body: (...inputs) => backward(inputs as Parameters<typeof backward>[0], options),
          },
          [dy!, outputs[0]!, outputs[1]!, q, k, v],
        ),
    },
  )
  return outputs[0]!
}

/** Returns the output and the attention weights [G, heads, S, T], which the backward pass needs. */
function forward(q: Tensor, k: Tensor, v: Tensor, { heads, scale }: AttentionOptions): Tensor[] {
  const scores = matmul(splitHeads(mul(q, scale), heads), swapLast(splitHeads(k, heads)))
  const weights = softmax(scores)
  return [mergeHeads(matmul(weights, splitHeads(v, heads))), weights]
}

function backward(
  [dy, y, weights, q, k, v]: [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor],
  { heads, scale }: AttentionOptions,
): Tensor[] {
  const dOut = splitHeads(dy, heads)
  const rowSums = sum(mul(dOut, splitHeads(y, heads)), [-1], true)
  const dWeights = matmul(dOut, swapLast(splitHeads(v, heads)))
  const dScores = mul(weights, sub(dWeights, rowSums))
  const scaled = mul(splitHeads(q, heads), scale)
  return [
    mul(mergeHeads(matmul(dScores, splitHeads(k, heads))), scale),
    mergeHeads(matmul(swapLast(dScores), scaled)),
    mergeHeads(matmul(swapLast(weights), dOut)),
  ]
}

/** [G, S, H * d] to [G, H, S, d]; one head needs no transposition. */
function splitHeads(x: Tensor, heads: number): Tensor {
  const [groups, length, width] = x.shape as [Dim, Dim, number]
  if (heads === 1) return reshape(x, [groups, 1, length, width])
  return transpose(reshape(x, [groups, length, heads, width / heads]), [0, 2, 1, 3])
}

function mergeHeads(x: Tensor): Tensor {
  const [groups, heads, length, width] = x.shape as [Dim, number, Dim, number]
  if (heads === 1) return reshape(x, [groups, length, width])
  return reshape(transpose(x, [0, 2, 1, 3]), [groups, length, heads * width])
}

function checkShapes(q: Tensor, k: Tensor, v: Tensor, heads: number): void {
  const fits =
    q.rank === 3 &&
    k.rank === 3 &&
    v.rank === 3 &&
    q.shape[0] === k.shape[0] &&
    k.shape[0] === v.shape[0] &&
    k.shape[1] === v.shape[1] &&
    q.shape[2] === k.shape[2]
  const divisible = [q, v].every((x) => typeof x.shape[2] === 'number' && x.shape[2] % heads === 0)
  if (!fits || !divisible) {
    throw new ShapeError(
      `attention with ${heads} heads needs [G, S, h*d], [G, T, h*d] and [G, T, h*e], got ` +
        [q, k, v].map((x) => formatShape(x.shape)).join(', '),
    )
  }
}
