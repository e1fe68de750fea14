/**
 * Scores of how well probabilities order the rows. Labels are class indices 0..C-1 with -1 for a row whose label is not
 * among the classes, which is left out; probabilities are row-major [rows, C].
 */
import { checkRows } from './class-rows.ts'

type Numbers = ArrayLike<number>

/** How the areas of single classes are put together: `micro` pools the (row, class) pairs of all of them. */
export type OvrAverage = 'macro' | 'weighted' | 'micro'

/**
 * Area under the ROC curve, ties counted half. For C > 2 the one-versus-one macro average of Hand and Till (2001) over
 * the classes that occur among the labels: for each pair the mean of both directions, on the rows of that pair.
 *
 * @returns 0..1; NaN when fewer than two classes occur
 */
export function rocAuc(labels: Numbers, probabilities: Numbers, classes: number): number {
  checkRows(labels, probabilities, classes)
  const rowsOf = groupByClass(labels, classes)
  const present = [...rowsOf.keys()].filter((label) => rowsOf[label]!.length > 0)
  if (present.length < 2) return Number.NaN
  const scores = (rows: readonly number[], label: number) => scoresOf(rows, probabilities, classes, label)
  if (classes === 2) return areaBetween(scores(rowsOf[1]!, 1), scores(rowsOf[0]!, 1))
  let sum = 0
  let pairs = 0
  for (const [i, a] of present.entries()) {
    for (const b of present.slice(i + 1)) {
      const forA = areaBetween(scores(rowsOf[a]!, a), scores(rowsOf[b]!, a))
      const forB = areaBetween(scores(rowsOf[b]!, b), scores(rowsOf[a]!, b))
      sum += (forA + forB) / 2
      pairs += 1
    }
  }
  return sum / pairs
}

/**
 * Area under the ROC curve of each class against all others (Fawcett 2006, section 9), averaged evenly, weighted by how
 * often the classes occur, or pooled. Classes that do not occur are left out.
 *
 * @returns 0..1; NaN when fewer than two classes occur
 */
export function rocAucOvr(
  labels: Numbers,
  probabilities: Numbers,
  classes: number,
  average: OvrAverage,
): number {
  checkRows(labels, probabilities, classes)
  const rowsOf = groupByClass(labels, classes)
  const present = [...rowsOf.keys()].filter((label) => rowsOf[label]!.length > 0)
  if (present.length < 2) return Number.NaN
  const split = (label: number): [Float64Array, Float64Array] => [
    scoresOf(rowsOf[label]!, probabilities, classes, label),
    scoresOf(rowsOf.filter((_, other) => other !== label).flat(), probabilities, classes, label),
  ]
  if (average === 'micro') {
    // Pairs of absent classes count too: all of them are negatives.
    const parts = [...rowsOf.keys()].map(split)
    return areaBetween(joined(parts.map(([own]) => own)), joined(parts.map(([, others]) => others)))
  }
  let sum = 0
  let total = 0
  for (const label of present) {
    const weight = average === 'weighted' ? rowsOf[label]!.length : 1
    sum += weight * areaBetween(...split(label))
    total += weight
  }
  return sum / total
}

/**
 * Average precision of class 1 of two: the sum over thresholds of precision times the gain in recall, without
 * interpolation (Manning, Raghavan and Schütze 2008, section 8.4); rows of equal score share a threshold.
 *
 * @returns 0..1; NaN when class 1 does not occur
 */
export function averagePrecision(labels: Numbers, probabilities: Numbers, classes: number): number {
  checkRows(labels, probabilities, classes)
  const [negatives = [], positives = []] = groupByClass(labels, classes)
  const own = scoresOf(positives, probabilities, classes, 1).sort()
  const others = scoresOf(negatives, probabilities, classes, 1).sort()
  let sum = 0
  let below = others.length - 1
  for (let i = own.length - 1; i >= 0; ) {
    const threshold = own[i]!
    const before = i
    while (i >= 0 && own[i] === threshold) i--
    while (below >= 0 && others[below]! >= threshold) below--
    const found = own.length - 1 - i
    const wrong = others.length - 1 - below
    sum += (before - i) * (found / (found + wrong))
  }
  return sum / own.length
}

/**
 * Probability that a random positive scores above a random negative, ties counted half; both arrays are sorted in
 * place. NaN when one is empty.
 */
function areaBetween(positives: Float64Array, negatives: Float64Array): number {
  positives.sort()
  negatives.sort()
  let less = 0
  let upTo = 0
  let sum = 0
  for (const score of positives) {
    while (less < negatives.length && negatives[less]! < score) less++
    while (upTo < negatives.length && negatives[upTo]! <= score) upTo++
    sum += (less + upTo) / 2
  }
  return sum / (positives.length * negatives.length)
}

function scoresOf(
  rows: readonly number[],
  probabilities: Numbers,
  classes: number,
  label: number,
): Float64Array {
  const scores = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) scores[i] = probabilities[rows[i]! * classes + label]!
  return scores
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function groupByClass(labels: Numbers, classes: number): number[][] {
  const rowsOf: number[][] = Array.from({ length: classes }, () => [])
  for (let row = 0; row < labels.length; row++) if (labels[row]! >= 0) rowsOf[labels[row]!]!.push(row)
  return rowsOf
}
