/** What several blocks are made of: affine maps, LayerNorm, activations, attention with and without keys that are shared. */
import {
  add,
  div,
  gelu,
  matmul,
  mean,
  mul,
  relu,
  silu,
  sqrt,
  square,
  sub,
  type Tensor,
} from '@posterior/graph'
import { embedTarget } from '../blocks/embedding.ts'
import { CLASS_SLOTS, type ModelTask } from '../config.ts'
import type { Initialisation, Scope } from '../parameters.ts'

const LAYER_NORM_EPSILON = 1e-5

/** x W + b over the last axis; b starts at zero. */
export function affine(scope: Scope, name: string, x: Tensor, width: number, init?: Initialisation): Tensor {
  const weight = scope.matrix(name, x.shape.at(-1) as number, width, init)
  return add(matmul(x, weight), scope.weight(`${name}.bias`, [width], { kind: 'zeros' }))
}

/** (x - mean) / sd over the last axis, and with `isAffine` a learned gain and shift (Ba et al., arXiv 1607.06450). */
export function layerNorm(scope: Scope, x: Tensor, isAffine = true): Tensor {
  const width = x.shape.at(-1) as number
  const centred = sub(x, mean(x, [-1], true))
  const normed = div(centred, sqrt(add(mean(square(centred), [-1], true), LAYER_NORM_EPSILON)))
  if (!isAffine) return normed
  const gain = scope.weight('gain', [width], { kind: 'ones' })
  return add(mul(normed, gain), scope.weight('shift', [width], { kind: 'zeros' }))
}

export const ACTIVATIONS = ['relu', 'gelu', 'silu'] as const

export type Activation = (typeof ACTIVATIONS)[number]

export function activate(name: Activation, x: Tensor): Tensor {
  return { relu, gelu, silu }[name](x)
}

/** Targets as vectors [B, n, width] that labelled rows carry; what query rows carry in their place is [width]. */
export function targetVectors(
  scope: Scope,
  task: ModelTask,
  target: Tensor | null,
  width: number,
): Tensor | null {
  if (task === 'discovery') return null
  const own = scope.child('target')
  if (target) return embedTarget(own, target, task, width)
  return own.weight('unknown', [width], { kind: 'normal', sd: 0.02 })
}

/** Numbers in one target. */
export function targetWidth(task: ModelTask): number {
  return task === 'classification' ? CLASS_SLOTS : 1
}
