/**
 * Power transforms that make a skewed sample more nearly normal: Box and Cox (1964) for values above 0, Yeo and Johnson
 * (2000) for any. The power is the one of the largest normal likelihood, by golden-section search.
 */

/** Powers that the search of the Yeo-Johnson transform considers unless told otherwise. */
const LAMBDA_RANGE = [-3, 5] as const

/** Yeo-Johnson power of u; increasing, 0 at 0 with slope 1. */
export function yeoJohnson(u: number, lambda: number): number {
  return u >= 0 ? boxCoxOfOnePlus(u, lambda) : -boxCoxOfOnePlus(-u, 2 - lambda)
}

/** Inverse of yeoJohnson; infinite beyond its range. */
export function inverseYeoJohnson(t: number, lambda: number): number {
  return t >= 0 ? inverseBoxCoxOfOnePlus(t, lambda) : -inverseBoxCoxOfOnePlus(-t, 2 - lambda)
}

/** Box-Cox power of u > 0: (u^p - 1) / p, and log u for p = 0. */
export function boxCox(u: number, power: number): number {
  const log = Math.log(u)
  return Math.abs(power) < 1e-9 ? log : Math.expm1(power * log) / power
}

/** Inverse of boxCox; 0 or infinite beyond its range. */
export function inverseBoxCox(t: number, power: number): number {
  if (Math.abs(power) < 1e-9) return Math.exp(t)
  const inside = power * t
  if (inside <= -1) return power > 0 ? 0 : Number.POSITIVE_INFINITY
  return Math.exp(Math.log1p(inside) / power)
}

/** ((1 + u)^p - 1) / p, and its limit log(1 + u) for p = 0; u >= 0. */
function boxCoxOfOnePlus(u: number, power: number): number {
  const log = Math.log1p(u)
  return Math.abs(power) < 1e-9 ? log : Math.expm1(power * log) / power
}

function inverseBoxCoxOfOnePlus(t: number, power: number): number {
  if (Math.abs(power) < 1e-9) return Math.expm1(t)
  const inside = power * t
  return inside <= -1 ? Number.POSITIVE_INFINITY : Math.expm1(Math.log1p(inside) / power)
}

/**
 * Yeo-Johnson power of the largest normal likelihood.
 *
 * @param values  finite, not all equal
 * @param range   powers to consider
 */
export function bestYeoJohnson(
  values: Float64Array,
  range: readonly [number, number] = LAMBDA_RANGE,
): number {
  return maximise(range, (lambda) => yeoJohnsonLikelihood(values, lambda))
}

/** Box-Cox power of the largest normal likelihood, from -10 to 10. @param values above 0, finite, not all equal */
export function bestBoxCox(values: Float64Array): number {
  return maximise([-10, 10], (power) => boxCoxLikelihood(values, power))
}

function maximise([first, last]: readonly [number, number], score: (x: number) => number): number {
  const ratio = (Math.sqrt(5) - 1) / 2
  let low = first
  let high = last
  let a = high - ratio * (high - low)
  let b = low + ratio * (high - low)
  let atA = score(a)
  let atB = score(b)
  for (let i = 0; i < 40; i++) {
    if (atA > atB) {
      high = b
      b = a
      atB = atA
      a = high - ratio * (high - low)
      atA = score(a)
    } else {
      low = a
      a = b
      atA = atB
      b = low + ratio * (high - low)
      atB = score(b)
    }
  }
  return (low + high) / 2
}

/** Normal log likelihood of the transformed values with their own mean and variance, Jacobian included, per value. */
function yeoJohnsonLikelihood(values: Float64Array, lambda: number): number {
  let sum = 0
  let squares = 0
  let jacobian = 0
  for (const u of values) {
    const t = yeoJohnson(u, lambda)
    sum += t
    squares += t * t
    jacobian += Math.sign(u) * Math.log1p(Math.abs(u))
  }
  const n = values.length
  const variance = squares / n - (sum / n) ** 2
  return variance > 0 ? -0.5 * Math.log(variance) + ((lambda - 1) * jacobian) / n : Number.NEGATIVE_INFINITY
}

function boxCoxLikelihood(values: Float64Array, power: number): number {
  let sum = 0
  let squares = 0
  let jacobian = 0
  for (const u of values) {
    const t = boxCox(u, power)
    sum += t
    squares += t * t
    jacobian += Math.log(u)
  }
  const n = values.length
  const variance = squares / n - (sum / n) ** 2
  return variance > 0 ? -0.5 * Math.log(variance) + ((power - 1) * jacobian) / n : Number.NEGATIVE_INFINITY
}
