/** From cell channels, targets and column identities to vectors. */
import {
  add,
  concat,
  exp,
  type Graph,
  matmul,
  mul,
  reshape,
  roll,
  slice,
  square,
  sub,
  type Tensor,
  transpose,
} from '@posterior/graph'
import { type CellSizes, CLASS_SLOTS, COLUMN_ID_DIM, type Task } from '../config.ts'
import type { Scope } from '../parameters.ts'

/** Columns that a cell sees besides its own, as distances to the right ("repeated grouping", TabICLv2). */
const GROUP_SHIFTS = [1, 3]

/**
 * Cell channels to cell vectors. A scalar that is embedded linearly gives vectors of rank one; Gaussian bumps over the
 * value and the rank let a linear map read them as smooth functions.
 *
 * @param x  [B, N, f, 4]: z, rank, missing, categorical
 * @returns [B, f, N, E], columns before rows
 */
export function embedCells(scope: Scope, x: Tensor, config: Pick<CellSizes, 'cellWidth'>): Tensor {
  const z = slice(x, 3, 0, 1, 1)
  const rank = slice(x, 3, 1, 2, 1)
  const own = concat([x, bumps(z, -2.5, 2.5, 6), bumps(rank, 0, 1, 6)], -1)
  const grouped = concat([own, ...GROUP_SHIFTS.map((shift) => roll(own, 2, shift))], -1)
  const width = grouped.shape.at(-1) as number
  const bias = scope.weight('bias', [config.cellWidth], { kind: 'zeros' })
  const cells = add(
    matmul(grouped, scope.weight('weight', [width, config.cellWidth], { kind: 'fan-in' })),
    bias,
  )
  return toColumns(cells)
}

/**
 * Targets to vectors of the given width. Classes: the one-hot of a class slot chooses a learned vector. Regression: the
 * standardised value through 16 Gaussian bumps and itself.
 *
 * @param y  [B, n, 64] one-hot, or [B, n, 1]
 * @returns [B, n, width]
 */
export function embedTarget(scope: Scope, y: Tensor, task: Task, width: number): Tensor {
  if (task === 'classification') {
    return matmul(y, scope.weight('slots', [CLASS_SLOTS, width], { kind: 'orthogonal-rows' }))
  }
  const features = concat([y, bumps(y, -3, 3, 16)], -1)
  const bias = scope.weight('bias', [width], { kind: 'zeros' })
  return add(matmul(features, scope.weight('value', [17, width], { kind: 'fan-in' })), bias)
}

/** Random column vectors [B, f, 16] to [B, 1, f, E], to be added to rows-first cells. */
export function embedColumnIds(scope: Scope, ids: Tensor, config: Pick<CellSizes, 'cellWidth'>): Tensor {
  const [batch, columns] = ids.shape
  const vectors = matmul(ids, scope.weight('identity', [COLUMN_ID_DIM, config.cellWidth], { kind: 'fan-in' }))
  return reshape(vectors, [batch!, 1, columns!, config.cellWidth])
}

/** [B, N, f, E] to [B, f, N, E] and back. */
export function toColumns(cells: Tensor): Tensor {
  return transpose(cells, [0, 2, 1, 3])
}

export function toRows(cells: Tensor): Tensor {
  return transpose(cells, [0, 2, 1, 3])
}

/** exp(-((x - c) / w)^2 / 2) for `count` centres c from `first` to `last`, w their distance; x has last axis 1. */
function bumps(x: Tensor, first: number, last: number, count: number): Tensor {
  const width = (last - first) / (count - 1)
  const centres = sharedConstant(
    x.graph,
    `centres_${first}_${last}_${count}`,
    count,
    (i) => first + i * width,
  )
  return exp(mul(square(sub(x, centres)), -0.5 / width ** 2))
}

function sharedConstant(graph: Graph, name: string, length: number, value: (i: number) => number): Tensor {
  const known = graph.constants.get(name)
  return (
    known?.tensor ??
    graph.constant(
      name,
      [length],
      Float32Array.from({ length }, (_, i) => value(i)),
    )
  )
}
