/** AdamW (Loshchilov and Hutter, arXiv 1711.05101) over parts of flat vectors. */

export interface AdamWOptions {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** A range of the flat vectors. */
export interface FlatRange {
  readonly offset: number
  readonly length: number
}

/**
 * One step, in place. The sums are float64, the state float32.
 *
 * @param step  1 for the first step; sets the bias correction
 */
export function adamwStep(
  state: { weights: Float32Array; gradient: Float32Array; mean: Float32Array; variance: Float32Array },
  range: FlatRange,
  learningRate: number,
  step: number,
  options: AdamWOptions,
): void {
  const { weights, gradient, mean, variance } = state
  const { beta1, beta2, epsilon, weightDecay } = options
  const correction1 = 1 / (1 - beta1 ** step)
  const correction2 = 1 / (1 - beta2 ** step)
  const shrink = 1 - learningRate * weightDecay
  for (let i = range.offset; i < range.offset + range.length; i++) {
    const g = gradient[i]!
    const m = beta1 * mean[i]! + (1 - beta1) * g
    const v = beta2 * variance[i]! + (1 - beta2) * g * g
    mean[i] = m
    variance[i] = v
    weights[i] =
      shrink * weights[i]! - (learningRate * m * correction1) / (Math.sqrt(v * correction2) + epsilon)
  }
}
