/**
 * Scores of ordered pairs of columns without learning: what a brain of graphs has to beat, and what somebody gets who sees
 * the units that the columns were drawn in.
 */
import { choleskyFactor, type DiscoveryTask, solveCholesky } from '@posterior/prior'
import { correlationsOf } from '@posterior/training'

/** Added to every variance of standardised columns, so that some that repeat others can be inverted. */
const RIDGE = 1e-3

/** Scores of a table's ordered pairs, [d, d]; those of pairs of a column with itself mean nothing. */
export type PairScores = ArrayLike<number>

/** The size of the correlation; the same in both directions. */
export function correlation(table: DiscoveryTask): PairScores {
  return correlationsOf(table).map(Math.abs)
}

/** The size of the correlation given all other columns; the same in both directions. */
export function partialCorrelation(table: DiscoveryTask): PairScores {
  const d = table.columns.length
  const inverse = inverseOf(
    correlationsOf(table).map((r, k) => (isDiagonal(k, d) ? r + RIDGE : r)),
    d,
  )
  return Float64Array.from({ length: d * d }, (_, k) => {
    const [i, j] = [Math.floor(k / d), k % d]
    return Math.abs(inverse[k]!) / Math.sqrt(inverse[i * d + i]! * inverse[j * d + j]!)
  })
}

/** 1 where there is an edge in either direction: the most that can be known without knowing directions. */
export function trueSkeleton({ graph, columns: { length: d } }: DiscoveryTask): PairScores {
  return graph.map((edge, k) => Math.max(edge, graph[(k % d) * d + Math.floor(k / d)]!))
}

/**
 * Effects of a linear model whose noise has the same variance in every column, as in these priors before anyone changes a
 * unit: the next column of the causal order is the one that those before it leave the least variance of (Chen, Drton and
 * Wang 2019), and the score is the size of its least-squares coefficient.
 */
export function equalVariances({ columns }: DiscoveryTask): PairScores {
  const d = columns.length
  const covariance = covarianceOf(columns.map(({ values }) => values))
  const scores = new Float64Array(d * d)
  const order: number[] = []
  while (order.length < d) {
    const left = columns.map((_, j) => j).filter((j) => !order.includes(j))
    const fits = left.map((j) => ({ j, ...regress(covariance, { d, on: order, target: j }) }))
    const next = fits.reduce((a, b) => (b.variance < a.variance ? b : a))
    for (const [at, i] of order.entries()) scores[i * d + next.j] = Math.abs(next.coefficients[at]!)
    order.push(next.j)
  }
  return scores
}

function regress(
  covariance: Float64Array,
  { d, on, target }: { d: number; on: readonly number[]; target: number },
): { coefficients: Float64Array; variance: number } {
  const own = covariance[target * d + target]!
  if (on.length === 0) return { coefficients: new Float64Array(0), variance: own }
  const gram = Float64Array.from(
    on.flatMap((a) => on.map((b) => covariance[a * d + b]! + (a === b ? 1e-9 : 0))),
  )
  const shared = Float64Array.from(on, (a) => covariance[a * d + target]!)
  const coefficients = solveCholesky(choleskyFactor(gram, on.length), shared)
  const explained = coefficients.reduce((sum, value, at) => sum + value * shared[at]!, 0)
  return { coefficients, variance: own - explained }
}

function covarianceOf(columns: readonly Float64Array[]): Float64Array {
  const d = columns.length
  const centred = columns.map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return values.map((value) => value - mean)
  })
  return Float64Array.from({ length: d * d }, (_, k) => {
    const [a, b] = [centred[Math.floor(k / d)]!, centred[k % d]!]
    return a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length
  })
}

function inverseOf(matrix: Float64Array, d: number): Float64Array {
  const factor = choleskyFactor(matrix, d)
  const rows = Array.from({ length: d }, (_, j) => {
    const unit = new Float64Array(d)
    unit[j] = 1
    return [...solveCholesky(factor, unit)]
  })
  return Float64Array.from(rows.flat())
}

function isDiagonal(k: number, d: number): boolean {
  return Math.floor(k / d) === k % d
}
