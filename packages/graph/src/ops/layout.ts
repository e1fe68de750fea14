/** Operations that move or copy elements without computing: reshape, transpose, concat, slice, roll. */
import { addDims, type Dim, formatShape, type Shape, ShapeError, sameShape, sizeOf } from '../dim.ts'
import type { Graph, Tensor } from '../graph.ts'

/**
 * The same elements in row-major order under another shape.
 *
 * @throws ShapeError when the two shapes do not have the same number of elements
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  if (sizeOf(x.shape) !== sizeOf(shape)) {
    throw new ShapeError(`cannot reshape ${formatShape(x.shape)} to ${formatShape(shape)}: sizes differ`)
  }
  return x.graph.node('Reshape', [x, shapeTensor(x.graph, shape, true)], shape, x.type, {
    vjp: ([dy]) => [reshape(dy!, x.shape)],
  })
}

/** Axis `i` of the result is axis `permutation[i]` of `x`. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  if ([...permutation].sort().some((axis, i) => axis !== i) || permutation.length !== x.rank) {
    throw new ShapeError(`[${permutation.join(', ')}] does not permute the axes of ${formatShape(x.shape)}`)
  }
  const shape = permutation.map((axis) => x.shape[axis]!)
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis))
  return x.graph.node('Transpose', [x], shape, x.type, {
    attributes: { perm: permutation },
    vjp: ([dy]) => [transpose(dy!, inverse)],
  })
}

/**
 * Join along one axis. Lengths along that axis may be symbolic for at most one of the parts: the backward pass cuts
 * from the ends.
 */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0]!
  const at = axis < 0 ? axis + first.rank : axis
  const length = parts.map((part) => part.shape[at]!).reduce<Dim>(addDims, 0)
  const shape = first.shape.map((dim, i) => (i === at ? length : dim))
  for (const part of parts) {
    if (!sameShape(part.shape.with(at, 0), first.shape.with(at, 0))) {
      throw new ShapeError(
        `cannot concatenate ${formatShape(part.shape)} to ${formatShape(first.shape)} on ${at}`,
      )
    }
  }
  return first.graph.node('Concat', parts, shape, first.type, {
    attributes: { axis: at },
    vjp: ([dy]) => cutLike(dy!, parts, at),
  })
}

/**
 * Elements `start` to `end` (exclusive) along one axis; negative positions count from the end and `end` may be
 * Infinity.
 */
export function slice(x: Tensor, axis: number, start: number, end: number, length: Dim): Tensor {
  const { graph } = x
  const at = axis < 0 ? axis + x.rank : axis
  const stop = end === Number.POSITIVE_INFINITY ? Number.MAX_SAFE_INTEGER : end
  const inputs = [x, graph.integers([start]), graph.integers([stop]), graph.integers([at])]
  return graph.node('Slice', inputs, x.shape.with(at, length), x.type, {
    vjp: ([dy]) => [padLike(dy!, x, at, start, end)],
  })
}

/** Zeros around `dy` where the slice `start` to `end` of `x` left elements out: the gradient of slice. */
function padLike(dy: Tensor, x: Tensor, axis: number, start: number, end: number): Tensor {
  const length = x.shape[axis]!
  const fromFront = start >= 0 ? start : typeof length === 'number' ? length + start : undefined
  const toEnd =
    end === Number.POSITIVE_INFINITY
      ? 0
      : end < 0
        ? -end
        : typeof length === 'number'
          ? length - end
          : undefined
  if (fromFront === undefined) {
    throw new ShapeError(
      `the gradient of slice ${start}:${end} needs the length of axis ${axis}, it is ${length}`,
    )
  }
  const { graph } = x
  const pads =
    toEnd === undefined
      ? symbolicPads(graph, fromFront, length, end)
      : graph.integers([fromFront, Math.max(toEnd, 0)])
  return graph.node('Pad', [dy, pads, graph.scalar(0), graph.integers([axis])], x.shape, 'float32')
}

/** What lies before and after a slice that ends within an axis whose length is known at run time. */
function symbolicPads(graph: Graph, front: number, length: Dim, end: number): Tensor {
  const back = graph.node('Sub', [graph.sizeTensor(length), graph.integers([end])], [1], 'int64')
  return graph.node('Concat', [graph.integers([front]), back], [2], 'int64', { attributes: { axis: 0 } })
}

/**
 * Element `j + shift` of an axis at place `j`, cyclically; an axis shorter than `shift` is left as it is. Data only: no
 * gradient flows through it.
 */
export function roll(x: Tensor, axis: number, shift: number): Tensor {
  const head = slice(x, axis, 0, shift, x.shape[axis]!)
  const tail = slice(x, axis, shift, Number.POSITIVE_INFINITY, x.shape[axis]!)
  return x.graph.node('Concat', [tail, head], x.shape, x.type, { attributes: { axis } })
}

function cutLike(dy: Tensor, parts: readonly Tensor[], axis: number): Tensor[] {
  const symbolic = parts.findIndex((part) => typeof part.shape[axis] !== 'number')
  if (parts.some((part, i) => typeof part.shape[axis] !== 'number' && i !== symbolic)) {
    throw new ShapeError('the gradient of concat needs at most one part of symbolic length')
  }
  const lengthOf = (slice: readonly Tensor[]) =>
    slice.reduce((sum, part) => sum + (part.shape[axis] as number), 0)
  return parts.map((part, i) => {
    const fromFront = symbolic === -1 || i <= symbolic
    const start = fromFront ? lengthOf(parts.slice(0, i)) : -lengthOf(parts.slice(i))
    const after = i === symbolic ? -lengthOf(parts.slice(i + 1)) : start + (part.shape[axis] as number)
    const end = after === 0 && (i === symbolic || !fromFront) ? Number.POSITIVE_INFINITY : after
    return slice(dy, axis, start, end, part.shape[axis]!)
  })
}

/** A shape as int64 vector; with `inferLargest` one symbolic dimension is left to the runtime as -1. */
export function shapeTensor(graph: Graph, shape: Shape, inferLargest: boolean): Tensor {
  const symbolic = shape.filter((dim) => typeof dim === 'string')
  const inferred = inferLargest ? symbolic.toSorted((a, b) => b.length - a.length)[0] : undefined
  let open = inferred !== undefined
  const parts = shape.map((dim) => {
    if (open && dim === inferred) {
      open = false
      return -1
    }
    return dim
  })
  if (parts.every((dim) => typeof dim === 'number')) return graph.integers(parts)
  const tensors = parts.map((dim) => graph.sizeTensor(dim))
  return graph.node('Concat', tensors, [parts.length], 'int64', { attributes: { axis: 0 } })
}
