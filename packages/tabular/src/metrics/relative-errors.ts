/** Errors of numeric predictions relative to the true values. Rows whose true value is NaN are left out. */

type Numbers = ArrayLike<number>

/** Median absolute error, in the target's unit; NaN without rows. */
export function medianAbsoluteError(truth: Numbers, prediction: Numbers): number {
  const errors = errorsOf(truth, prediction, (y, p) => Math.abs(y - p)).sort()
  const middle = errors.length >> 1
  if (errors.length === 0) return Number.NaN
  return errors.length % 2 === 1 ? errors[middle]! : (errors[middle - 1]! + errors[middle]!) / 2
}

/**
 * Mean absolute error relative to the true value, as a share (0.1 is 10 %); a true value of 0 counts as 2^-52, so that the
 * result stays finite (as in scikit-learn). NaN without rows.
 */
export function meanAbsolutePercentageError(truth: Numbers, prediction: Numbers): number {
  return mean(errorsOf(truth, prediction, (y, p) => Math.abs(y - p) / Math.max(Math.abs(y), Number.EPSILON)))
}

/**
 * Mean of 2 |y - p| / (|y| + |p|), as a share from 0 to 2 (Makridakis 1993); 0 where both are 0. NaN without rows.
 */
export function symmetricMeanAbsolutePercentageError(truth: Numbers, prediction: Numbers): number {
  return mean(
    errorsOf(truth, prediction, (y, p) =>
      y === p ? 0 : (2 * Math.abs(y - p)) / (Math.abs(y) + Math.abs(p)),
    ),
  )
}

function errorsOf(
  truth: Numbers,
  prediction: Numbers,
  error: (y: number, p: number) => number,
): Float64Array {
  if (truth.length !== prediction.length) {
    throw new RangeError(`${truth.length} true values need as many predictions, got ${prediction.length}`)
  }
  const errors = new Float64Array(truth.length)
  let count = 0
  for (let row = 0; row < truth.length; row++) {
    if (!Number.isNaN(truth[row]!)) errors[count++] = error(truth[row]!, prediction[row]!)
  }
  return errors.subarray(0, count)
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
