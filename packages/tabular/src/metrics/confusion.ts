/**
 * Scores of predicted classes, all from the confusion matrix. The predicted class of a row is the most probable one, the
 * first of equals. A ratio whose denominator is 0 counts as 0 (scikit-learn's `zero_division=0`).
 */
import { checkRows } from './class-rows.ts'

type Numbers = ArrayLike<number>

/** Row-major [true class, predicted class]: how many rows. */
export interface Confusion {
  readonly classes: number
  readonly counts: Float64Array
}

/** One class against the rest, or how the classes are put together. */
export type ClassAverage = 'binary' | 'macro' | 'micro' | 'weighted'

/**
 * Count rows by true and predicted class. Rows with label -1 are left out.
 *
 * @param probabilities row-major [rows, classes]
 */
export function confusionOf(labels: Numbers, probabilities: Numbers, classes: number): Confusion {
  checkRows(labels, probabilities, classes)
  const counts = new Float64Array(classes * classes)
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!
    if (label < 0) continue
    let best = 0
    for (let c = 1; c < classes; c++) {
      if (probabilities[row * classes + c]! > probabilities[row * classes + best]!) best = c
    }
    counts[label * classes + best]! += 1
  }
  return { classes, counts }
}

/** Mean recall of the classes that occur (Brodersen et al. 2010). 0..1; NaN without rows. */
export function balancedAccuracy(confusion: Confusion): number {
  const present = tallies(confusion).filter(({ actual }) => actual > 0)
  return present.reduce((sum, { hits, actual }) => sum + hits / actual, 0) / present.length
}

/**
 * Matthews correlation coefficient of any number of classes (Gorodkin 2004, R_K).
 *
 * @returns -1..1; 0 when all rows have one class or all predictions are one
 */
export function matthews(confusion: Confusion): number {
  let rows = 0
  let hits = 0
  let products = 0
  let actualSquares = 0
  let predictedSquares = 0
  for (const tally of tallies(confusion)) {
    rows += tally.actual
    hits += tally.hits
    products += tally.actual * tally.predicted
    actualSquares += tally.actual ** 2
    predictedSquares += tally.predicted ** 2
  }
  const scale = Math.sqrt(rows ** 2 - predictedSquares) * Math.sqrt(rows ** 2 - actualSquares)
  return scale > 0 ? (hits * rows - products) / scale : 0
}

/**
 * Cohen's kappa with quadratic weights (Cohen 1968): classes are ordinal, in the order of their indices; a class that
 * does not occur keeps its place.
 *
 * @returns at most 1, 0 for agreement by chance; NaN when chance cannot disagree
 */
export function quadraticKappa(confusion: Confusion): number {
  const { classes, counts } = confusion
  const tally = tallies(confusion)
  const rows = tally.reduce((sum, { actual }) => sum + actual, 0)
  let observed = 0
  let expected = 0
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < classes; j++) {
      const weight = (i - j) ** 2
      observed += weight * counts[i * classes + j]!
      expected += (weight * tally[i]!.actual * tally[j]!.predicted) / rows
    }
  }
  return expected > 0 ? 1 - observed / expected : Number.NaN
}

/** Share of the rows predicted as a class that are of it. `binary` is class 1 of two. */
export function precision(confusion: Confusion, average: ClassAverage): number {
  return averaged(confusion, average, ({ hits, predicted }) => ratio(hits, predicted))
}

/** Share of the rows of a class that are predicted as it. `binary` is class 1 of two. */
export function recall(confusion: Confusion, average: ClassAverage): number {
  return averaged(confusion, average, ({ hits, actual }) => ratio(hits, actual))
}

/** Harmonic mean of precision and recall (van Rijsbergen 1979). `binary` is class 1 of two. */
export function f1(confusion: Confusion, average: ClassAverage): number {
  return averaged(confusion, average, ({ hits, predicted, actual }) => ratio(2 * hits, predicted + actual))
}

interface Tally {
  readonly hits: number
  readonly actual: number
  readonly predicted: number
}

function tallies({ classes, counts }: Confusion): Tally[] {
  return Array.from({ length: classes }, (_, label) => {
    let actual = 0
    let predicted = 0
    for (let other = 0; other < classes; other++) {
      actual += counts[label * classes + other]!
      predicted += counts[other * classes + label]!
    }
    return { hits: counts[label * classes + label]!, actual, predicted }
  })
}

/** Averages are over the classes that occur or are predicted; `weighted` by how often they occur. */
function averaged(confusion: Confusion, average: ClassAverage, score: (tally: Tally) => number): number {
  const all = tallies(confusion)
  if (average === 'binary') return score(all[1]!)
  if (average === 'micro') {
    const sum = (key: keyof Tally) => all.reduce((total, tally) => total + tally[key], 0)
    return score({ hits: sum('hits'), actual: sum('actual'), predicted: sum('predicted') })
  }
  const seen = all.filter(({ actual, predicted }) => actual + predicted > 0)
  const weight = ({ actual }: Tally) => (average === 'weighted' ? actual : 1)
  const total = seen.reduce((sum, tally) => sum + weight(tally), 0)
  return seen.reduce((sum, tally) => sum + weight(tally) * score(tally), 0) / total
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}
