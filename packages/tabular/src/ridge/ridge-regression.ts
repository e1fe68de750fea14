/**
 * Ridge regression with its leave-one-out answers in closed form (Allen's PRESS; Cawley and Talbot, 2003), its penalty
 * chosen by them. One eigendecomposition serves all penalties and targets.
 *
 * A left-out row is answered by the weights that the other rows give, from the mean of *all* targets: the mean of the
 * others would tell the row's own label exactly where there is nothing else to tell.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

/** Penalties that are tried, for features of variance 1: 0.01 to 31,623. */
const PENALTIES = Array.from({ length: 14 }, (_, k) => 10 ** ((k - 4) / 2))
/** Directions with less than this share of the strongest one's variance are left out. */
const NEGLIGIBLE = 1e-9
const MOST_LEVERAGE = 1 - 1e-6

/** A regression of several targets on the same features, with one penalty. */
export interface RidgeFit {
  readonly penalty: number
  /** Mean squared left-out error over rows and targets. */
  readonly error: number
  /** By target: the answer where every feature is zero. */
  readonly intercepts: readonly number[]
  /** By target: a weight for each feature. */
  readonly weights: readonly Float64Array[]
  /** By target: the answer to each row by the regression that has not seen it. */
  readonly leftOut: readonly Float64Array[]
}

/**
 * Fit targets to features.
 *
 * @param features  columns of one length of at least 2, finite, of about the same spread
 * @param targets   finite, as long as the features
 */
export function fitRidge(features: readonly Float64Array[], targets: readonly Float64Array[]): RidgeFit {
  const rows = targets[0]!.length
  const means = features.map(meanOf)
  const centred = features.map((values, j) => values.map((x) => x - means[j]!))
  const middles = targets.map(meanOf)
  const errors = targets.map((values, k) => values.map((y) => y - middles[k]!))
  const { variances, scores } = principalScores(centred, rows)
  const rank = variances.length
  const projected = errors.map((values) => projectOn(scores, rank, values))
  const trials = PENALTIES.map((penalty) => {
    const shrinkage = variances.map((variance) => variance / (variance + penalty))
    const residuals = leaveOut({ scores, shrinkage, projected, errors })
    return { penalty, residuals, error: meanSquare(residuals) }
  })
  const best = trials.reduce((a, b) => (b.error < a.error ? b : a))
  const weights = projected.map((own) => {
    const dual = combine(
      scores,
      own.map((value, r) => value / (variances[r]! + best.penalty)),
      rows,
    )
    return Float64Array.from(centred, (values) => dot(values, dual))
  })
  return {
    penalty: best.penalty,
    error: best.error,
    intercepts: weights.map((own, k) => middles[k]! - dot(own, means)),
    weights,
    leftOut: targets.map((values, k) => values.map((y, i) => y - best.residuals[k]![i]!)),
  }
}

/** Left singular vectors of the features, row-major [rows, rank], and the squared singular values. */
function principalScores(centred: readonly Float64Array[], rows: number) {
  const isWide = centred.length >= rows
  const { values, vectors } = eigen(isWide ? rowProducts(centred, rows) : columnProducts(centred))
  const strongest = values.reduce((most, value) => Math.max(most, value), 0)
  const kept = Array.from(values.keys()).filter((r) => values[r]! > NEGLIGIBLE * strongest)
  const rank = kept.length
  const variances = Float64Array.from(kept, (r) => values[r]!)
  const scores = new Float64Array(rows * rank)
  if (isWide) {
    for (let i = 0; i < rows; i++) {
      for (let r = 0; r < rank; r++) scores[i * rank + r] = vectors.get(i, kept[r]!)
    }
    return { variances, scores }
  }
  const directions = new Float64Array(centred.length * rank)
  for (let j = 0; j < centred.length; j++) {
    for (let r = 0; r < rank; r++)
      directions[j * rank + r] = vectors.get(j, kept[r]!) / Math.sqrt(variances[r]!)
  }
  project(centred, directions, scores)
  return { variances, scores }
}

/** scores[i, r] = sum over j of columns[j][i] directions[j, r]; four rows at a time, so that the directions are read less often. */
function project(columns: readonly Float64Array[], directions: Float64Array, scores: Float64Array): void {
  const rank = directions.length / columns.length
  const rows = columns[0]!.length
  const sums = Array.from({ length: 4 }, () => new Float64Array(rank)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const [s0, s1, s2, s3] = sums
  for (let first = 0; first < rows; first += 4) {
    for (const sum of sums) sum.fill(0)
    for (let j = 0, at = 0; j < columns.length; j++, at += rank) {
      const values = columns[j]!
      const a0 = values[first]!
      const a1 = values[first + 1] ?? 0
      const a2 = values[first + 2] ?? 0
      const a3 = values[first + 3] ?? 0
      for (let r = 0; r < rank; r++) {
        const direction = directions[at + r]!
        s0[r]! += a0 * direction
        s1[r]! += a1 * direction
        s2[r]! += a2 * direction
        s3[r]! += a3 * direction
      }
    }
    for (const [k, sum] of sums.entries()) if (first + k < rows) scores.set(sum, (first + k) * rank)
  }
}

function eigen(products: Float64Array[]) {
  const decomposition = new EigenvalueDecomposition(new Matrix(products), { assumeSymmetric: true })
  return { values: decomposition.realEigenvalues, vectors: decomposition.eigenvectorMatrix }
}

function columnProducts(columns: readonly Float64Array[]): Float64Array[] {
  const products = columns.map(() => new Float64Array(columns.length))
  const four = new Float64Array(4)
  for (let i = 0; i < columns.length; i++) {
    const own = columns[i]!
    let j = i
    for (; j + 4 <= columns.length; j += 4) {
      dotFour(own, columns, j, four)
      for (let k = 0; k < 4; k++) products[j + k]![i] = products[i]![j + k] = four[k]!
    }
    for (; j < columns.length; j++) products[j]![i] = products[i]![j] = dot(own, columns[j]!)
  }
  return products
}

/** Products of one column with four, which read it once. */
function dotFour(a: Float64Array, columns: readonly Float64Array[], first: number, out: Float64Array): void {
  const b0 = columns[first]!
  const b1 = columns[first + 1]!
  const b2 = columns[first + 2]!
  const b3 = columns[first + 3]!
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!
    s0 += x * b0[i]!
    s1 += x * b1[i]!
    s2 += x * b2[i]!
    s3 += x * b3[i]!
  }
  out[0] = s0
  out[1] = s1
  out[2] = s2
  out[3] = s3
}

function rowProducts(columns: readonly Float64Array[], rows: number): Float64Array[] {
  const table = Array.from({ length: rows }, (_, i) => Float64Array.from(columns, (values) => values[i]!))
  return columnProducts(table)
}

interface Fitted {
  readonly scores: Float64Array
  readonly shrinkage: Float64Array
  /** By target: its products with the scores. */
  readonly projected: readonly Float64Array[]
  /** By target: its distance from its mean. */
  readonly errors: readonly Float64Array[]
}

/** What is left of each target when each row is answered without itself. */
function leaveOut({ scores, shrinkage, projected, errors }: Fitted): Float64Array[] {
  const rank = shrinkage.length
  const rows = errors[0]!.length
  const leverage = new Float64Array(rows)
  for (let i = 0, at = 0; i < rows; i++, at += rank) {
    let sum = 1 / rows
    for (let r = 0; r < rank; r++) sum += scores[at + r]! ** 2 * shrinkage[r]!
    leverage[i] = Math.min(MOST_LEVERAGE, sum)
  }
  return errors.map((own, k) => {
    const fitted = combine(
      scores,
      projected[k]!.map((value, r) => value * shrinkage[r]!),
      rows,
    )
    // The second part takes the mean of the others back to that of all.
    return own.map((y, i) => (y - fitted[i]!) / (1 - leverage[i]!) - y / (rows - 1))
  })
}

/** scores' values, [rank]. */
function projectOn(scores: Float64Array, rank: number, values: Float64Array): Float64Array {
  const out = new Float64Array(rank)
  for (let i = 0, at = 0; i < values.length; i++, at += rank) {
    for (let r = 0; r < rank; r++) out[r]! += scores[at + r]! * values[i]!
  }
  return out
}

/** scores weights, [rows]. */
function combine(scores: Float64Array, weights: Float64Array, rows: number): Float64Array {
  const rank = weights.length
  const out = new Float64Array(rows)
  for (let i = 0, at = 0; i < rows; i++, at += rank) {
    let sum = 0
    for (let r = 0; r < rank; r++) sum += scores[at + r]! * weights[r]!
    out[i] = sum
  }
  return out
}

function meanSquare(parts: readonly Float64Array[]): number {
  const sums = parts.map((values) => dot(values, values) / values.length)
  return sums.reduce((sum, value) => sum + value, 0) / parts.length
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** Four sums at a time: as fast again, and the rounding is less. */
function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const whole = a.length - (a.length % 4)
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i]! * b[i]!
    s1 += a[i + 1]! * b[i + 1]!
    s2 += a[i + 2]! * b[i + 2]!
    s3 += a[i + 3]! * b[i + 3]!
  }
  for (let i = whole; i < a.length; i++) s0 += a[i]! * b[i]!
  return s0 + s1 + (s2 + s3)
}
