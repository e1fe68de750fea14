/**
 * Scores of class probabilities. Labels are class indices 0..C-1 with -1 for a row whose label is not among the classes;
 * probabilities are row-major [rows, C].
 */

/**
 * Area under the ROC curve, ties counted half. For C > 2 the one-versus-one macro average of Hand and Till (2001) over
 * the classes that occur among the labels: for each pair the mean of both directions, on the rows of that pair. Rows
 * with label -1 are left out.
 *
 * @returns 0..1; NaN when fewer than two classes occur
 */
export function rocAuc(labels: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): number {
  checkRows(labels, probabilities, classes)
  const rowsOf = groupByClass(labels, classes)
  const present = [...rowsOf.keys()].filter((label) => rowsOf[label]!.length > 0)
  if (present.length < 2) return Number.NaN
  const score = (label: number) => (row: number) => probabilities[row * classes + label]!
  if (classes === 2) return pairAuc(rowsOf[1]!, rowsOf[0]!, score(1))
  let sum = 0
  let pairs = 0
  for (const [i, a] of present.entries()) {
    for (const b of present.slice(i + 1)) {
      sum += (pairAuc(rowsOf[a]!, rowsOf[b]!, score(a)) + pairAuc(rowsOf[b]!, rowsOf[a]!, score(b))) / 2
      pairs += 1
    }
  }
  return sum / pairs
}

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

/** Probability that a random positive row scores above a random negative one: mid-ranks, O(n log n). */
function pairAuc(
  positives: readonly number[],
  negatives: readonly number[],
  score: (row: number) => number,
): number {
  const rows = [
    ...positives.map((row) => ({ value: score(row), positive: true })),
    ...negatives.map((row) => ({ value: score(row), positive: false })),
  ].sort((a, b) => a.value - b.value)
  let rankSum = 0
  for (let start = 0; start < rows.length; ) {
    let end = start
    let ties = 0
    while (end < rows.length && rows[end]!.value === rows[start]!.value) {
      if (rows[end]!.positive) ties += 1
      end += 1
    }
    rankSum += ties * ((start + 1 + end) / 2)
    start = end
  }
  const count = positives.length
  return (rankSum - (count * (count + 1)) / 2) / (count * negatives.length)
}

function groupByClass(labels: ArrayLike<number>, classes: number): number[][] {
  const rowsOf: number[][] = Array.from({ length: classes }, () => [])
  for (let row = 0; row < labels.length; row++) if (labels[row]! >= 0) rowsOf[labels[row]!]!.push(row)
  return rowsOf
}

function checkRows(labels: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): void {
  if (probabilities.length !== labels.length * classes) {
    throw new RangeError(
      `${labels.length} labels and ${classes} classes need ${labels.length * classes} probabilities, ` +
        `got ${probabilities.length}`,
    )
  }
}
