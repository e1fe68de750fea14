/**
 * Scores of class probabilities. Labels are class indices 0..C-1 with -1 for a row whose label is not among the classes;
 * probabilities are row-major [rows, C].
 */
import { checkRows } from './class-rows.ts'

/**
 * Mean of -ln p(label), with probabilities clipped below at 1e-6 and renormalised. Rows with label -1 are left out.
 *
 * @returns nats, at least 0; NaN without rows
 */
export function logLoss(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): number {
  checkRows(labels, probabilities, classes)
  let sum = 0
  let rows = 0
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!
    if (label < 0) continue
    let total = 0
    for (let c = 0; c < classes; c++) total += Math.max(probabilities[row * classes + c]!, 1e-6)
    sum -= Math.log(Math.max(probabilities[row * classes + label]!, 1e-6) / total)
    rows += 1
  }
  return sum / rows
}

/**
 * Probabilistic accuracy of the AutoML challenge (Guyon et al. 2015): exp(-log loss), shifted and scaled so that always
 * answering the class frequencies of these rows gives 0 and certainty of the right classes 1.
 *
 * @returns at most 1; NaN when a single class occurs
 */
export function probabilisticAccuracy(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): number {
  const counts = new Float64Array(classes)
  let rows = 0
  for (let row = 0; row < labels.length; row++) {
    if (labels[row]! < 0) continue
    counts[labels[row]!]! += 1
    rows += 1
  }
  let entropy = 0
  for (const count of counts) if (count > 0) entropy -= (count / rows) * Math.log(count / rows)
  if (!(entropy > 0)) return Number.NaN
  const base = Math.exp(-entropy)
  return (Math.exp(-logLoss(labels, probabilities, classes)) - base) / (1 - base)
}

/**
 * Share of rows whose most probable class, the first of equals, is the label. A row with label -1 counts as wrong.
 *
 * @returns 0..1; NaN without rows
 */
export function accuracy(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): number {
  checkRows(labels, probabilities, classes)
  let right = 0
  for (let row = 0; row < labels.length; row++) {
    let best = 0
    for (let c = 1; c < classes; c++) {
      if (probabilities[row * classes + c]! > probabilities[row * classes + best]!) best = c
    }
    if (best === labels[row]) right += 1
  }
  return right / labels.length
}
