/**
 * The standard normal distribution function: the Chebyshev fit of erfc in Press et al., Numerical Recipes, refined by one
 * step of Newton's method against `normalQuantile`, which is exact to 1e-16; so the two undo each other.
 */
import { normalQuantile } from '../preprocess/normal-quantile.ts'

/** Probability of a standard normal value at most x; 0..1, never decreasing, relative error about 1e-13 in the bulk. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x
  if (x < -38) return 0
  if (x > 8.3) return 1
  // The upper tail by symmetry: only the lower one keeps its digits.
  const z = -Math.abs(x)
  const rough = erfcOf(-z / Math.SQRT2) / 2
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  const refined = rough > 0 ? rough - (normalQuantile(rough) - z) * density : 0
  return x <= 0 ? refined : 1 - refined
}

/** erfc(x) for x >= 0, relative error below 1.2e-7. */
function erfcOf(x: number): number {
  const t = 1 / (1 + x / 2)
  let sum = 0
  for (let i = COEFFICIENTS.length - 1; i >= 0; i--) sum = sum * t + COEFFICIENTS[i]!
  return t * Math.exp(-x * x + sum)
}

const COEFFICIENTS = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
]
