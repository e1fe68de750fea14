/**
 * A monotone transform that makes a skewed regression target more nearly normal: Yeo and Johnson (2000), fitted to the
 * target centred on its median and scaled by its spread between the quartiles, so that a heavy tail does not hide the
 * bulk from it. Being monotone it maps quantiles to quantiles; predictions are inverted one by one.
 *
 * The inverse of a power can explode, so inverted values are held within one range of the training target beyond
 * either of its ends.
 */

/** t = (YJ((y - center) / scale) - mean) / spread. Plain JSON. */
export interface TargetTransform {
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

/** A target is skewed when its third standardised moment is beyond this ... */
const SKEWED = 1
/** ... and the transform is kept when it leaves at most this share of it. */
const KEPT_SHARE = 0.5
const LAMBDA_RANGE = [-3, 5] as const
const FEWEST_ROWS = 10

/**
 * Fit the transform to a training target.
 *
 * @param target  finite, any unit and order
 * @returns null when the target is not skewed, or the transform does not help
 */
export function fitTargetTransform(target: Float64Array): TargetTransform | null {
  if (target.length < FEWEST_ROWS) return null
  const skewness = skewnessOf(target)
  if (!(Math.abs(skewness) > SKEWED)) return null
  const sorted = target.slice().sort()
  const center = quantile(sorted, 0.5)
  const quartiles = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2
  const scale = quartiles > 0 ? quartiles : standardDeviation(target)
  if (!(scale > 0)) return null
  const scaled = sorted.map((y) => (y - center) / scale)
  const lambda = bestLambda(scaled)
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

/** y to the transformed target, which has mean 0 and spread 1 in training. */
export function applyTargetTransform(transform: TargetTransform, y: number): number {
  const { lambda, center, scale, mean, spread } = transform
  return (yeoJohnson((y - center) / scale, lambda) - mean) / spread
}

/** The inverse, for many values: never NaN, never decreasing, and within [low, high] of the transform. */
export function targetInverse(transform: TargetTransform): (t: number) => number {
  const { lambda, center, scale, mean, spread, low, high } = transform
  const lowest = applyTargetTransform(transform, low)
  const highest = applyTargetTransform(transform, high)
  return (t) => {
    if (t <= lowest) return low
    if (t >= highest) return high
    const y = center + scale * inverseYeoJohnson(mean + spread * t, lambda)
    return Math.min(high, Math.max(low, y))
  }
}

/** Yeo-Johnson power of u; increasing, 0 at 0 with slope 1. */
export function yeoJohnson(u: number, lambda: number): number {
  return u >= 0 ? boxCox(u, lambda) : -boxCox(-u, 2 - lambda)
}

/** Inverse of yeoJohnson; infinite beyond its range. */
export function inverseYeoJohnson(t: number, lambda: number): number {
  return t >= 0 ? inverseBoxCox(t, lambda) : -inverseBoxCox(-t, 2 - lambda)
}

/** ((1 + u)^p - 1) / p, and its limit log(1 + u) for p = 0; u >= 0. */
function boxCox(u: number, power: number): number {
  const log = Math.log1p(u)
  return Math.abs(power) < 1e-9 ? log : Math.expm1(power * log) / power
}

function inverseBoxCox(t: number, power: number): number {
  if (Math.abs(power) < 1e-9) return Math.expm1(t)
  const inside = power * t
  return inside <= -1 ? Number.POSITIVE_INFINITY : Math.expm1(Math.log1p(inside) / power)
}

/** Lambda of the largest normal likelihood, by golden-section search. */
function bestLambda(scaled: Float64Array): number {
  const ratio = (Math.sqrt(5) - 1) / 2
  let [low, high] = LAMBDA_RANGE as readonly [number, number]
  let a = high - ratio * (high - low)
  let b = low + ratio * (high - low)
  let atA = logLikelihood(scaled, a)
  let atB = logLikelihood(scaled, b)
  for (let i = 0; i < 40; i++) {
    if (atA > atB) {
      high = b
      b = a
      atB = atA
      a = high - ratio * (high - low)
      atA = logLikelihood(scaled, a)
    } else {
      low = a
      a = b
      atA = atB
      b = low + ratio * (high - low)
      atB = logLikelihood(scaled, b)
    }
  }
  return (low + high) / 2
}

/** Normal log likelihood of the transformed values with their own mean and variance, Jacobian included, per value. */
function logLikelihood(scaled: Float64Array, lambda: number): number {
  let sum = 0
  let squares = 0
  let jacobian = 0
  for (const u of scaled) {
    const t = yeoJohnson(u, lambda)
    sum += t
    squares += t * t
    jacobian += Math.sign(u) * Math.log1p(Math.abs(u))
  }
  const n = scaled.length
  const variance = squares / n - (sum / n) ** 2
  return variance > 0 ? -0.5 * Math.log(variance) + ((lambda - 1) * jacobian) / n : Number.NEGATIVE_INFINITY
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
