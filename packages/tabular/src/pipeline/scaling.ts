/**
 * Scalings: monotone functions of one column, learned from training values and undone exactly. A scaling is plain JSON;
 * applying it needs nothing else, so fit and predict share one implementation. NaN stays NaN.
 */

import { normalQuantile } from '../preprocess/normal-quantile.ts'
import { normalCdf } from './normal-cdf.ts'
import { boxCox, inverseBoxCox, inverseYeoJohnson, yeoJohnson } from './power.ts'

/** Plain JSON. */
export type Scaling =
  | { kind: 'identity' }
  /** v = (x - center) / scale; with `bound` B squashed to v / sqrt(1 + (v / B)^2), within ±B. Scale 0: always 0. */
  | { kind: 'linear'; center: number; scale: number; bound: number | null }
  | { kind: 'yeo-johnson'; lambda: number }
  /** Box-Cox power of x brought from [low, low + range] to [0.1, 1], and held there. */
  | { kind: 'box-cox'; lambda: number; low: number; range: number }
  | KnotScaling

/**
 * Linear between knots (value, level), levels from 0 to 1. A value that several training quantiles share stands twice in
 * `values`, with its first and last level; it gets the level between. Values at or beyond the ends get level 0 or 1, with
 * `extrapolate` E straight on as far as -E or 1 + E. 'normal' gives normal quantiles of the levels.
 */
export interface KnotScaling {
  kind: 'knots'
  values: number[]
  levels: number[]
  output: 'uniform' | 'normal'
  extrapolate: number
}

/** Levels nearer to 0 or 1 than this get its normal quantile, ±5.2: that of scikit-learn's quantile transform. */
const SMALLEST_LEVEL = 1e-7

/** Scaled value of x; NaN for NaN. Never decreasing in x. */
export function applyScaling(scaling: Scaling, x: number): number {
  switch (scaling.kind) {
    case 'identity':
      return x
    case 'linear': {
      if (Number.isNaN(x)) return x
      if (!(scaling.scale > 0)) return 0
      const v = (x - scaling.center) / scaling.scale
      return scaling.bound === null ? v : squash(v, scaling.bound)
    }
    case 'yeo-johnson':
      return yeoJohnson(x, scaling.lambda)
    case 'box-cox':
      return boxCox(toUnit(x, scaling), scaling.lambda)
    case 'knots': {
      const level = levelOf(scaling, x)
      return scaling.output === 'normal' ? normalScore(level) : level
    }
  }
}

/**
 * The x that is scaled to y. A y that no x reaches gives the nearest end of what the training values span; where many x
 * share one y it gives one of them. Never decreasing in y; finite for finite y.
 */
export function invertScaling(scaling: Scaling, y: number): number {
  switch (scaling.kind) {
    case 'identity':
      return y
    case 'linear': {
      const { center, scale, bound } = scaling
      if (bound === null) return center + scale * y
      const v = Math.min(bound * (1 - 1e-9), Math.max(-bound * (1 - 1e-9), y))
      return center + (scale * v) / Math.sqrt(1 - (v / bound) ** 2)
    }
    case 'yeo-johnson':
      return withinNumbers(inverseYeoJohnson(y, scaling.lambda))
    case 'box-cox': {
      const unit = Math.min(1, Math.max(0.1, inverseBoxCox(y, scaling.lambda)))
      return scaling.low + ((unit - 0.1) / 0.9) * scaling.range
    }
    case 'knots':
      return valueAt(scaling, scaling.output === 'normal' ? levelOfScore(y) : y)
  }
}

function squash(v: number, bound: number): number {
  // Infinity / Infinity would be NaN.
  if (Math.abs(v) > 1e100) return Math.sign(v) * bound
  return v / Math.sqrt(1 + (v / bound) ** 2)
}

function toUnit(x: number, { low, range }: { low: number; range: number }): number {
  if (Number.isNaN(x)) return x
  return range > 0 ? Math.min(1, Math.max(0.1, 0.1 + (0.9 * (x - low)) / range)) : 0.1
}

function normalScore(level: number): number {
  return normalQuantile(Math.min(1 - SMALLEST_LEVEL, Math.max(SMALLEST_LEVEL, level)))
}

/** Inverse of normalScore; the outermost scores are those of the ends. */
function levelOfScore(score: number): number {
  const level = normalCdf(score)
  if (level <= SMALLEST_LEVEL * (1 + 1e-6)) return 0
  return level >= 1 - SMALLEST_LEVEL * (1 + 1e-6) ? 1 : level
}

function levelOf({ values, levels, extrapolate }: KnotScaling, x: number): number {
  if (Number.isNaN(x)) return x
  const last = values.length - 1
  const low = values[0]!
  const high = values[last]!
  if (x <= low || x >= high) {
    const end = x <= low && x < high ? 0 : 1
    if (extrapolate === 0 || !(high > low)) return end
    return Math.min(1 + extrapolate, Math.max(-extrapolate, (x - low) / (high - low)))
  }
  let lo = 0
  let hi = last
  while (lo < hi) {
    const mid = (lo + hi) >>> 1
    if (values[mid]! < x) lo = mid + 1
    else hi = mid
  }
  if (values[lo] === x) return values[lo + 1] === x ? (levels[lo]! + levels[lo + 1]!) / 2 : levels[lo]!
  const share = (x - values[lo - 1]!) / (values[lo]! - values[lo - 1]!)
  return levels[lo - 1]! + share * (levels[lo]! - levels[lo - 1]!)
}

function valueAt({ values, levels, extrapolate }: KnotScaling, level: number): number {
  const last = values.length - 1
  if (level <= 0 || level >= 1) {
    const end = level <= 0 ? values[0]! : values[last]!
    const beyond = level <= 0 ? Math.max(-extrapolate, level) : Math.min(extrapolate, level - 1)
    return end + beyond * (values[last]! - values[0]!)
  }
  let lo = 0
  let hi = last
  while (lo < hi) {
    const mid = (lo + hi) >>> 1
    if (levels[mid]! < level) lo = mid + 1
    else hi = mid
  }
  if (lo === 0 || levels[lo] === level) return values[lo]!
  const share = (level - levels[lo - 1]!) / (levels[lo]! - levels[lo - 1]!)
  return values[lo - 1]! * (1 - share) + values[lo]! * share
}

function withinNumbers(x: number): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, x))
}
