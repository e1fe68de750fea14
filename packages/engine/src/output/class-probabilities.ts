/** From the members' log probabilities over class slots to class probabilities and labels. */

export interface ProbabilityOptions {
  /** Each member's logits are divided by it; above 0. Below 1 sharpens. */
  readonly temperature: number
  /** Softmax of the members' mean logits instead of the mean of their probabilities. */
  readonly averageBeforeSoftmax: boolean
  /** Training frequency of each class, to divide the probabilities by; null = leave them. All above 0. */
  readonly balanceBy: readonly number[] | null
}

/** One member's output for a chunk of rows: log probabilities over class slots, and the slot of each class. */
export interface MemberLogits {
  /** Row-major [rows, slotCount]. */
  readonly logProbs: ArrayLike<number>
  /** Slot of class 0, 1, ... */
  readonly slots: ArrayLike<number>
}

/**
 * Average the members' opinions.
 *
 * @param members    at least one
 * @param slotCount  columns of each member's log probabilities
 * @param out        row-major [rows, classes], overwritten; every row sums to 1 up to rounding
 */
export function writeProbabilities(
  members: readonly MemberLogits[],
  slotCount: number,
  options: ProbabilityOptions,
  out: Float64Array,
): void {
  const classes = members[0]!.slots.length
  const rows = out.length / classes
  const logits = new Float64Array(classes)
  const sum = new Float64Array(classes)
  for (let row = 0; row < rows; row++) {
    sum.fill(0)
    for (const { logProbs, slots } of members) {
      for (let c = 0; c < classes; c++)
        logits[c] = logProbs[row * slotCount + slots[c]!]! / options.temperature
      if (!options.averageBeforeSoftmax) softmax(logits)
      for (let c = 0; c < classes; c++) sum[c]! += logits[c]! / members.length
    }
    if (options.averageBeforeSoftmax) softmax(sum)
    if (options.balanceBy) for (let c = 0; c < classes; c++) sum[c]! /= options.balanceBy[c]!
    normalise(sum)
    out.set(sum, row * classes)
  }
}

function softmax(values: Float64Array): void {
  let max = Number.NEGATIVE_INFINITY
  for (const value of values) if (value > max) max = value
  for (let i = 0; i < values.length; i++) values[i] = Math.exp(values[i]! - max)
  normalise(values)
}

function normalise(values: Float64Array): void {
  let total = 0
  for (const value of values) total += value
  for (let i = 0; i < values.length; i++) values[i]! /= total
}

/**
 * Most probable class of each row; of equally probable ones the first.
 *
 * @param probabilities row-major [rows, classes]
 */
export function mostProbable(probabilities: Float64Array, classes: number): Int32Array {
  const rows = probabilities.length / classes
  const best = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const start = row * classes
    let winner = 0
    for (let c = 1; c < classes; c++) {
      if (probabilities[start + c]! > probabilities[start + winner]!) winner = c
    }
    best[row] = winner
  }
  return best
}
