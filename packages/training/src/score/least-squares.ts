/** Linear baselines: least squares with an intercept, and logistic regression. Fitted on the labelled rows alone. */
import { choleskyFactor, solveCholesky } from '@posterior/prior'

/** Rows of numbers: `columns[j][i]` is row i. */
export type Columns = readonly ArrayLike<number>[]

/** Keeps the equations solvable when columns repeat each other; too small to matter otherwise. */
const LEAST_RIDGE = 1e-8

/**
 * Predict rows by least squares on the rows before them; columns are standardised by the fitted rows.
 *
 * @param train  rows that are fitted; the others are predicted
 * @param ridge  weight of the squared coefficients, per row
 * @returns a number for each row after the first `train`
 */
export function leastSquares(columns: Columns, y: ArrayLike<number>, train: number, ridge = 0): Float64Array {
  const rows = designOf(columns, train)
  const width = columns.length + 1
  const gram = new Float64Array(width * width)
  const right = new Float64Array(width)
  for (let i = 0; i < train; i++) {
    const row = rows[i]!
    for (let a = 0; a < width; a++) {
      right[a]! += row[a]! * y[i]!
      for (let b = 0; b <= a; b++) gram[a * width + b]! += row[a]! * row[b]!
    }
  }
  // The intercept, the last, is not held back.
  for (let a = 0; a < width; a++) gram[a * width + a]! += train * (LEAST_RIDGE + (a < width - 1 ? ridge : 0))
  const weights = solveCholesky(choleskyFactor(gram, width), right)
  return Float64Array.from(rows.slice(train), (row) => dot(row, weights))
}

const NEWTON_STEPS = 25
const SMALL_STEP = 1e-8

/**
 * Class probabilities of rows by logistic regression on the rows before them, one class against the rest for each class,
 * normalised; columns are standardised by the fitted rows and coefficients held back with weight 1, as is usual.
 *
 * @param labels  class 0..classes-1 of the first `train` rows
 * @returns [rows after the first `train`, classes]
 */
export function logisticRegression(
  columns: Columns,
  labels: ArrayLike<number>,
  { train, classes }: { train: number; classes: number },
): Float64Array {
  const rows = designOf(columns, train)
  const fitted = Array.from({ length: classes === 2 ? 1 : classes }, (_, k) => {
    const wanted = classes === 2 ? 1 : k
    return newton(rows.slice(0, train), (i) => (labels[i] === wanted ? 1 : 0))
  })
  const out = new Float64Array((rows.length - train) * classes)
  for (const [i, row] of rows.slice(train).entries()) {
    const p = fitted.map((weights) => sigmoid(dot(row, weights)))
    const all = classes === 2 ? [1 - p[0]!, p[0]!] : p
    const total = all.reduce((sum, value) => sum + value, 0)
    for (let k = 0; k < classes; k++) out[i * classes + k] = total > 0 ? all[k]! / total : 1 / classes
  }
  return out
}

function newton(rows: readonly Float64Array[], target: (row: number) => number): Float64Array {
  const width = rows[0]!.length
  const weights = new Float64Array(width)
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const hessian = new Float64Array(width * width)
    const gradient = new Float64Array(width)
    for (const [i, row] of rows.entries()) {
      const p = sigmoid(dot(row, weights))
      const curvature = Math.max(p * (1 - p), 1e-9)
      for (let a = 0; a < width; a++) {
        gradient[a]! += (target(i) - p) * row[a]!
        for (let b = 0; b <= a; b++) hessian[a * width + b]! += curvature * row[a]! * row[b]!
      }
    }
    for (let a = 0; a < width; a++) {
      const hold = a < width - 1 ? 1 : LEAST_RIDGE
      gradient[a]! -= hold * weights[a]!
      hessian[a * width + a]! += hold
    }
    const change = solveCholesky(choleskyFactor(hessian, width), gradient)
    // A step longer than this overshoots where the classes are far apart.
    const longest = Math.max(...change.map(Math.abs))
    const factor = Math.min(1, 5 / Math.max(longest, 1e-300))
    for (let a = 0; a < width; a++) weights[a]! += factor * change[a]!
    if (longest < SMALL_STEP) break
  }
  return weights
}

/** Standardised rows with a 1 at the end. */
function designOf(columns: Columns, train: number): Float64Array[] {
  const scaled = columns.map((column) => {
    const values = Array.from({ length: train }, (_, i) => column[i]!)
    const center = values.reduce((sum, value) => sum + value, 0) / train
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / train)
    const scale = spread > 1e-9 * (1 + Math.abs(center)) ? spread : Number.POSITIVE_INFINITY
    return Float64Array.from(column, (value) => (value - center) / scale)
  })
  const rows = columns[0]?.length ?? train
  return Array.from({ length: rows }, (_, i) => Float64Array.from([...scaled.map((column) => column[i]!), 1]))
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))
}
