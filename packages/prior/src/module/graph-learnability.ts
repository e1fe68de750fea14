/**
 * Whether tables tell anything of the graphs behind them. Every ordered pair of columns becomes a row: how the two go
 * together, straight and by squares, alone and given all others, and how unlike the two directions are. A simple fit of
 * the edges on that must do better than their share, on tables that it has not seen.
 */

import { type NumericColumn, Random } from '@posterior/tabular'
import type { DiscoveryTask } from '../catalogue/pack/discovery.ts'
import { measureLearnability } from '../general/learnability.ts'
import { standardise } from '../general/standardise.ts'
import { choleskyFactor, solveCholesky } from '../linear-algebra/cholesky.ts'

/** What is seen of the ordered pairs of a table, and which of them are edges. */
export interface PairFacts {
  /** For each pair the numbers by `FACTS`. */
  readonly seen: readonly (readonly number[])[]
  readonly isEdge: readonly boolean[]
}

const FACTS = ['together', 'given others', 'squares', 'square of cause', 'square of effect', 'cubes'] as const
/** Added to every column's variance of 1, so that columns which repeat others can be inverted. */
const RIDGE = 0.01

/** All pairs of different columns. */
export function pairFacts({ columns, graph }: DiscoveryTask): PairFacts {
  const d = columns.length
  const z = columns.map(({ values }) => standardise(values.slice()))
  const squares = z.map((column) => standardise(column.map((value) => value ** 2)))
  const cubes = z.map((column) => standardise(column.map((value) => value ** 3)))
  const correlations = Float64Array.from({ length: d * d }, (_, k) =>
    product(z[Math.floor(k / d)]!, z[k % d]!),
  )
  const partial = partialCorrelations(correlations, d)
  const pairs = Array.from({ length: d * d }, (_, k) => k).filter((k) => Math.floor(k / d) !== k % d)
  return {
    seen: pairs.map((k) => {
      const [i, j] = [Math.floor(k / d), k % d]
      return [
        Math.abs(correlations[k]!),
        Math.abs(partial[k]!),
        Math.abs(product(squares[i]!, squares[j]!)),
        Math.abs(product(squares[i]!, z[j]!)),
        Math.abs(product(z[i]!, squares[j]!)),
        correlations[k]! * (product(cubes[i]!, z[j]!) - product(z[i]!, cubes[j]!)),
      ]
    }),
    isEdge: pairs.map((k) => graph[k] === 1),
  }
}

/** Of all pairs of some tables: the share of the error that a fit removes on the later half, in what standard errors. */
export function graphLearnability(tables: readonly PairFacts[]): { skill: number; certainty: number } {
  const seen = tables.flatMap((table) => table.seen)
  const edges = Float64Array.from(
    tables.flatMap(({ isEdge }) => isEdge),
    Number,
  )
  const columns = FACTS.map((name, f): NumericColumn => {
    const values = Float64Array.from(seen, (facts) => facts[f]!)
    return { name, values, categorical: false }
  })
  const random = Random.fromSeed('learnability')
  const { skill, deviation } = measureLearnability(columns, edges, { classes: 2, random })
  return { skill, certainty: deviation }
}

/** Of two standardised columns. */
function product(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! * b[i]!) / a.length
  return sum
}

function partialCorrelations(correlations: Float64Array, d: number): Float64Array {
  const factor = choleskyFactor(
    correlations.map((r, k) => (Math.floor(k / d) === k % d ? 1 + RIDGE : r)),
    d,
  )
  const inverse = Array.from({ length: d }, (_, j) =>
    solveCholesky(
      factor,
      Float64Array.from({ length: d }, (_, i) => (i === j ? 1 : 0)),
    ),
  )
  return Float64Array.from({ length: d * d }, (_, k) => {
    const [i, j] = [Math.floor(k / d), k % d]
    return -inverse[i]![j]! / Math.sqrt(inverse[i]![i]! * inverse[j]![j]!)
  })
}
