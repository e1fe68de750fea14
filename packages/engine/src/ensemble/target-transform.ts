/**
 * A monotone transform that makes a skewed regression target more nearly normal: Yeo and Johnson (2000), fitted to the
 * target centred on its median and scaled by its spread between the quartiles, so that a heavy tail does not hide the
 * bulk from it. Being monotone it maps quantiles to quantiles; predictions are inverted one by one.
 *
 * The inverse of a power can explode, so inverted values are held within one range of the training target beyond
 * either of its ends.
 */
import {
  applyScaling,
  bestYeoJohnson,
  type Draws,
  fitScaling,
  inverseYeoJohnson,
  invertScaling,
  type Scaling,
  yeoJohnson,
} from '@posterior/tabular'
import type { TargetScalingName } from './settings.ts'

/** t = (YJ((y - center) / scale) - mean) / spread. Plain JSON. */
export type TargetTransform = PowerTransform | ScalingTransform

export interface PowerTransform {
  readonly kind: 'yeo-johnson'
  readonly lambda: number
  readonly center: number
  readonly scale: number
  readonly mean: number
  readonly spread: number
  /** Range of the inverse, in the unit of y. */
  readonly low: number
  readonly high: number
}

/** t = (scaled y - mean) / spread, for a scaling that was asked for by name. Plain JSON. */
export interface ScalingTransform {
  readonly kind: 'scaling'
  readonly scaling: Scaling
  readonly mean: number
  readonly spread: number
  /** Range of the inverse, in the unit of y. */
  readonly low: number
  readonly high: number
}

/** A target is skewed when its third standardised moment is beyond this ... */
const SKEWED = 1
/** ... and the transform is kept when it leaves at most this share of it. */
const KEPT_SHARE = 0.5
const FEWEST_ROWS = 10

/**
 * Fit the transform to a training target.
 *
 * @param target  finite, any unit and order
 * @returns null when the target is not skewed, or the transform does not help
 */
export function fitTargetTransform(target: Float64Array): PowerTransform | null {
  if (target.length < FEWEST_ROWS) return null
  const skewness = skewnessOf(target)
  if (!(Math.abs(skewness) > SKEWED)) return null
  const sorted = target.slice().sort()
  const center = quantile(sorted, 0.5)
  const quartiles = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2
  const scale = quartiles > 0 ? quartiles : standardDeviation(target)
  if (!(scale > 0)) return null
  const scaled = sorted.map((y) => (y - center) / scale)
  const lambda = bestYeoJohnson(scaled)
  const powered = scaled.map((u) => yeoJohnson(u, lambda))
  const mean = powered.reduce((sum, t) => sum + t, 0) / powered.length
  const spread = standardDeviation(powered)
  if (!(spread > 0) || !Number.isFinite(spread)) return null
  if (Math.abs(skewnessOf(powered)) > KEPT_SHARE * Math.abs(skewness)) return null
  const first = sorted[0]!
  const last = sorted[sorted.length - 1]!
  const range = last - first
  return { kind: 'yeo-johnson', lambda, center, scale, mean, spread, low: first - range, high: last + range }
}

/**
 * The transform that a scaling by name gives.
 *
 * @param target  finite, any unit and order
 * @param draws   for the names that choose at random
 * @returns null for no scaling, and when the scaled target would not vary
 */
export function fitTargetScaling(
  name: TargetScalingName | null,
  target: Float64Array,
  draws: Draws,
): TargetTransform | null {
  if (name === null || name === 'none') return null
  const scaling = fitScaling(name, target, draws)[0]!
  const scaled = target.map((y) => applyScaling(scaling, y))
  const mean = scaled.reduce((sum, t) => sum + t / scaled.length, 0)
  const spread = standardDeviation(scaled)
  if (!(spread > 0) || !Number.isFinite(spread)) return null
  const first = target.reduce((least, y) => Math.min(least, y), Number.POSITIVE_INFINITY)
  const last = target.reduce((most, y) => Math.max(most, y), Number.NEGATIVE_INFINITY)
  const range = last - first
  // Some scalings end where the training values do: there is nothing of theirs beyond.
  const low = Math.max(first - range, invertScaling(scaling, applyScaling(scaling, first - range)))
  const high = Math.min(last + range, invertScaling(scaling, applyScaling(scaling, last + range)))
  return { kind: 'scaling', scaling, mean, spread, low, high }
}

/** y to the transformed target, which has mean 0 and spread 1 in training. */
export function applyTargetTransform(transform: TargetTransform, y: number): number {
  if (transform.kind === 'scaling') {
    return (applyScaling(transform.scaling, y) - transform.mean) / transform.spread
  }
  const { lambda, center, scale, mean, spread } = transform
  return (yeoJohnson((y - center) / scale, lambda) - mean) / spread
}

/** The inverse, for many values: never NaN, never decreasing, and within [low, high] of the transform. */
export function targetInverse(transform: TargetTransform): (t: number) => number {
  const { mean, spread, low, high } = transform
  const lowest = applyTargetTransform(transform, low)
  const highest = applyTargetTransform(transform, high)
  const invert =
    transform.kind === 'scaling'
      ? (t: number) => invertScaling(transform.scaling, t)
      : (t: number) => transform.center + transform.scale * inverseYeoJohnson(t, transform.lambda)
  return (t) => {
    if (t <= lowest) return low
    if (t >= highest) return high
    const y = invert(mean + spread * t)
    return Math.min(high, Math.max(low, y))
  }
}

function quantile(sorted: Float64Array, level: number): number {
  const position = level * (sorted.length - 1)
  const below = Math.floor(position)
  const share = position - below
  return sorted[below]! * (1 - share) + sorted[Math.min(sorted.length - 1, below + 1)]! * share
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

/** Third standardised moment; NaN without spread. */
function skewnessOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const spread = standardDeviation(values)
  return values.reduce((sum, value) => sum + ((value - mean) / spread) ** 3, 0) / values.length
}
