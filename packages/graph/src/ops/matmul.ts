/** Matrix products and softmax. */
import { broadcastShapes, type Dim, formatShape, mulDims, ShapeError } from '../dim.ts'
import type { Tensor } from '../graph.ts'
import { mul, sub } from './elementwise.ts'
import { reshape, transpose } from './layout.ts'
import { sum, sumTo } from './sum.ts'

/**
 * Matrix product of the last two axes, [..., S, K] x [..., K, T] = [..., S, T], broadcasting the axes before them.
 *
 * @throws ShapeError when the inner dimensions differ
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.rank < 2 || b.rank < 2 || a.shape.at(-1) !== b.shape.at(-2)) {
    throw new ShapeError(`cannot multiply ${formatShape(a.shape)} by ${formatShape(b.shape)}`)
  }
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const shape = [...batch, a.shape.at(-2)!, b.shape.at(-1)!]
  return a.graph.node('MatMul', [a, b], shape, 'float32', {
    vjp: ([dy]) => [
      sumTo(matmul(dy!, swapLast(b)), a.shape),
      b.rank === 2 && a.rank > 2 ? weightGradient(a, dy!) : sumTo(matmul(swapLast(a), dy!), b.shape),
    ],
  })
}

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  const y: Tensor = x.graph.node('Softmax', [x], x.shape, 'float32', {
    attributes: { axis: -1 },
    vjp: ([dy]) => [softmaxGradient(y, dy!)],
  })
  return y
}

/** Gradient of softmax from its result `y` and the gradient of that. */
export function softmaxGradient(y: Tensor, dy: Tensor): Tensor {
  return mul(y, sub(dy, sum(mul(dy, y), [-1], true)))
}

/** Exchange the last two axes. */
export function swapLast(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis)
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2])
}

/** The gradient of a weight [K, T] shared by all rows of `x` [..., K]: one product over all rows. */
function weightGradient(x: Tensor, dy: Tensor): Tensor {
  const rows: Dim = x.shape.slice(0, -1).reduce<Dim>(mulDims, 1)
  return matmul(swapLast(reshape(x, [rows, x.shape.at(-1)!])), reshape(dy, [rows, dy.shape.at(-1)!]))
}
