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
import { sum } from '../ops/sum.ts'
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
            body: (dOut, ...saved) => backward(dOut!, saved as Saved, options),
          },
          [dy!, ...outputs],
        ),
    },
  )
  return outputs[0]!
}

/** What the backward pass needs of the forward pass: the weights [G, H, S, T] and the operands by head. */
type Saved = [result: Tensor, weights: Tensor, q: Tensor, kTransposed: Tensor, v: Tensor]

function forward(q: Tensor, k: Tensor, v: Tensor, { heads, scale }: AttentionOptions): Saved {
  const qHeads = splitHeads(mul(q, scale), heads)
  const kHeads = splitTransposed(k, heads)
  const vHeads = splitHeads(v, heads)
  const weights = softmax(matmul(qHeads, kHeads))
  return [mergeHeads(matmul(weights, vHeads)), weights, qHeads, kHeads, vHeads]
}

function backward(dy: Tensor, [y, weights, q, k, v]: Saved, { heads, scale }: AttentionOptions): Tensor[] {
  const dOut = splitHeads(dy, heads)
  const dScores = mul(weights, sub(matmul(dOut, swapLast(v)), headSums(mul(dy, y), heads)))
  return [
    mul(mergeHeads(matmul(dScores, swapLast(k))), scale),
    mergeTransposed(matmul(swapLast(q), dScores)),
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

/** [G, T, H * d] to [G, H, d, T], in one transposition. */
function splitTransposed(x: Tensor, heads: number): Tensor {
  const [groups, length, width] = x.shape as [Dim, Dim, number]
  return transpose(reshape(x, [groups, length, heads, width / heads]), [0, 2, 3, 1])
}

function mergeTransposed(x: Tensor): Tensor {
  const [groups, heads, width, length] = x.shape as [Dim, number, number, Dim]
  return reshape(transpose(x, [0, 3, 1, 2]), [groups, length, heads * width])
}

/** Sums over the width of each head, [G, S, H * e] to [G, H, S, 1]. */
function headSums(x: Tensor, heads: number): Tensor {
  const [groups, length, width] = x.shape as [Dim, Dim, number]
  const sums = sum(reshape(x, [groups, length, heads, width / heads]), [-1])
  return reshape(transpose(sums, [0, 2, 1]), [groups, heads, length, 1])
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
