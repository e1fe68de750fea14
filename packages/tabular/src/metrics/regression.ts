/** Scores of numeric predictions. Rows whose true value is NaN are left out of every score. */

type Numbers = ArrayLike<number>

/** Root of the mean squared error, in the target's unit; NaN without rows. */
export function rmse(truth: Numbers, prediction: Numbers): number {
  return Math.sqrt(meanOver(truth, prediction, (y, p) => (y - p) ** 2))
}

/** Mean absolute error, in the target's unit; NaN without rows. */
export function mae(truth: Numbers, prediction: Numbers): number {
  return meanOver(truth, prediction, (y, p) => Math.abs(y - p))
}

/**
 * 1 - squared error / squared deviation from the mean of the true values: 1 is perfect, 0 no better than that mean,
 * negative is worse. NaN when the true values do not vary.
 */
export function r2(truth: Numbers, prediction: Numbers): number {
  if (!varies(truth)) return Number.NaN
  const mean = meanOver(truth, truth, (y) => y)
  const variance = meanOver(truth, truth, (y) => (y - mean) ** 2)
  return 1 - meanOver(truth, prediction, (y, p) => (y - p) ** 2) / variance
}

/**
 * Mean pinball (quantile) loss of one quantile.
 *
 * @param level  0..1
 */
export function pinball(truth: Numbers, quantile: Numbers, level: number): number {
  return meanOver(truth, quantile, (y, q) => (y >= q ? level * (y - q) : (1 - level) * (q - y)))
}

/**
 * Continuous ranked probability score, estimated from quantiles as twice their mean pinball loss, each level weighted by
 * the part of 0..1 that is nearest to it (Gneiting and Ranjan 2011). With few levels it is coarse: compare only scores
 * of the same levels.
 *
 * @param quantiles  one array of rows per level
 * @param levels     strictly increasing, within 0..1
 */
export function crps(truth: Numbers, quantiles: readonly Numbers[], levels: readonly number[]): number {
  if (quantiles.length !== levels.length || levels.length === 0) {
    throw new RangeError(`${levels.length} levels need as many arrays of quantiles, got ${quantiles.length}`)
  }
  let sum = 0
  for (const [k, level] of levels.entries()) {
    if (k > 0 && !(level > levels[k - 1]!))
      throw new RangeError(`levels must increase, got ${levels.join(', ')}`)
    const low = k === 0 ? 0 : (levels[k - 1]! + level) / 2
    const high = k === levels.length - 1 ? 1 : (level + levels[k + 1]!) / 2
    sum += 2 * (high - low) * pinball(truth, quantiles[k]!, level)
  }
  return sum
}

/** Asked of the values, not of their variance, which rounding makes positive for three times 0.1. */
function varies(truth: Numbers): boolean {
  let first = Number.NaN
  for (let row = 0; row < truth.length; row++) {
    if (Number.isNaN(truth[row]!)) continue
    if (Number.isNaN(first)) first = truth[row]!
    else if (truth[row] !== first) return true
  }
  return false
}

function meanOver(truth: Numbers, prediction: Numbers, score: (y: number, p: number) => number): number {
  if (truth.length !== prediction.length) {
    throw new RangeError(`${truth.length} true values need as many predictions, got ${prediction.length}`)
  }
  let sum = 0
  let rows = 0
  for (let row = 0; row < truth.length; row++) {
    if (Number.isNaN(truth[row]!)) continue
    sum += score(truth[row]!, prediction[row]!)
    rows += 1
  }
  return sum / rows
}
