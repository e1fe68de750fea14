/** Means, also over axes whose length is known at run time only. */
import { type Dim, sizeOf } from '../dim.ts'
import type { Tensor } from '../graph.ts'
import { div, mul } from './elementwise.ts'
import { normaliseAxes, sum, sumAll } from './sum.ts'

/** Mean over the given axes (negative from the end), which become 1 when `keepDims`, else disappear. */
export function mean(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
  const count = sizeOf(normaliseAxes(axes, x.rank).map((axis) => x.shape[axis]!))
  const total = sum(x, axes, keepDims)
  if (typeof count === 'number') return mul(total, 1 / count)
  return div(total, sizeAsFloat(total, count))
}

/** Mean of all elements as a scalar. */
export function meanAll(x: Tensor): Tensor {
  const count = sizeOf(x.shape)
  const total = sumAll(x)
  return typeof count === 'number' ? mul(total, 1 / count) : div(total, sizeAsFloat(total, count))
}

/** A dimension as a float32 scalar. */
export function sizeAsFloat(like: Tensor, dim: Dim): Tensor {
  const { graph } = like
  if (typeof dim === 'number') return graph.scalar(dim)
  const cast = graph.node('Cast', [graph.sizeTensor(dim)], [1], 'float32', { attributes: { to: 1 } })
  return graph.node('Reshape', [cast, graph.integers([])], [], 'float32')
}
