/** Put class probabilities of several ensembles together into one answer. */

export interface ClassBlendOptions {
  /** Of the parts; positive, of sum 1. */
  readonly weights: readonly number[]
  /** The average is raised to 1 / temperature and renormalised; 1 = as it is, above 1 flatter. */
  readonly temperature: number
  /** Training frequency of each class, to divide by in the end; null = leave it. */
  readonly balanceBy: readonly number[] | null
}

/**
 * Weighted mean of the parts, then temperature, then balancing.
 *
 * @param parts  each row-major [rows, classes]
 * @param out    row-major [rows, classes], overwritten; every row sums to 1 up to rounding
 */
export function blendProbabilities(
  parts: readonly Float64Array[],
  classes: number,
  { weights, temperature, balanceBy }: ClassBlendOptions,
  out: Float64Array,
): void {
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let k = 0; k < parts.length; k++) sum += weights[k]! * parts[k]![i]!
    out[i] = sum
  }
  shapeProbabilities(out, classes, { temperature, balanceBy })
}

/** Temperature, then balancing, of probabilities row-major [rows, classes], in place. */
export function shapeProbabilities(
  probabilities: Float64Array,
  classes: number,
  { temperature, balanceBy }: Omit<ClassBlendOptions, 'weights'>,
): void {
  if (temperature === 1 && balanceBy === null) return
  for (let start = 0; start < probabilities.length; start += classes) {
    let total = 0
    for (let c = 0; c < classes; c++) {
      let p = probabilities[start + c]!
      if (temperature !== 1) p **= 1 / temperature
      if (balanceBy) p /= balanceBy[c]!
      probabilities[start + c] = p
      total += p
    }
    for (let c = 0; c < classes; c++) probabilities[start + c]! /= total
  }
}
