/**
 * `graph_recovery`: graphs that the brain finds behind held-out tables of its prior, beside the truth. The area under the ROC
 * curve judges the order of the pairs; the structural Hamming distance judges the graph at a threshold.
 */
import type { NumberRows } from '@posterior/engine'
import type { DiscoveryTask } from '@posterior/prior'
import { rocAuc } from '@posterior/tabular'
import { mean } from '../run/evaluation.ts'
import { declarationOf } from '../run/single-prior.ts'
import { describeHeldOut, drawHeldOutTables, requireSingle } from './held-out-tasks.ts'
import { EvalSkipped, type Scorer } from './score.ts'

/** Probability from which a pair counts as an edge. */
export const EDGE_THRESHOLD = 0.5

export const graphRecovery: Scorer = async ({ brain, prior, pause }) => {
  const single = requireSingle(prior)
  if (declarationOf(single).task !== 'discovery')
    throw new EvalSkipped('It measures graphs, and this brain answers rows.')
  const scores: GraphScore[] = []
  for (const table of await drawHeldOutTables(single)) {
    await pause()
    const { probabilities } = await brain.discover({ x: rowsOf(table) })
    scores.push(scoreGraph(table.graph, probabilities, correlationsOf(table)))
  }
  const areas = (name: 'auroc' | 'correlation') =>
    mean(scores.map((score) => score[name]).filter((area) => !Number.isNaN(area)))
  const measured = scores.filter(({ auroc }) => !Number.isNaN(auroc)).length
  return {
    metrics: {
      auroc: areas('auroc'),
      shd: mean(scores.map(({ shd }) => shd)),
      correlation_auroc: areas('correlation'),
      empty_shd: mean(scores.map(({ edges }) => edges)),
    },
    meta: {
      ...describeHeldOut(prior, scores.length),
      threshold: EDGE_THRESHOLD,
      sources: {
        auroc: `mean over the ${measured} tables with pairs of both kinds: an edge has a higher probability than a pair without`,
        shd: `mean over the tables of the pairs of columns whose edge is missing, too much or turned, at a probability of ${EDGE_THRESHOLD}`,
        correlation_auroc: 'the size of the correlation of the two columns, in the same tables',
        empty_shd: 'the graph without edges, in the same tables',
      },
    },
  }
}

/** Of one table; the areas are NaN where all pairs are alike. */
export interface GraphScore {
  readonly auroc: number
  readonly shd: number
  readonly correlation: number
  /** Pairs of columns with an edge. */
  readonly edges: number
}

/**
 * Compare probabilities with a graph.
 *
 * @param graph [d, d] of 0 and 1, row-major: row causes column
 * @param correlations of the columns, which nothing tells the direction of
 */
export function scoreGraph(
  graph: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  correlations: ArrayLike<number>,
): GraphScore {
  const d = Math.round(Math.sqrt(graph.length))
  const pairs = Array.from({ length: d * d }, (_, k) => k).filter((k) => Math.floor(k / d) !== k % d)
  const labels = pairs.map((k) => (graph[k] === 1 ? 1 : 0))
  const area = (scoreOf: (k: number) => number) =>
    rocAuc(
      labels,
      pairs.flatMap((k) => [1 - scoreOf(k), scoreOf(k)]),
      2,
    )
  const found = (k: number) => (probabilities[k]! >= EDGE_THRESHOLD ? 1 : 0)
  let [shd, edges] = [0, 0]
  for (let i = 0; i < d; i++) {
    for (let j = i + 1; j < d; j++) {
      const [there, back] = [i * d + j, j * d + i]
      if (found(there) !== graph[there] || found(back) !== graph[back]) shd++
      if (graph[there] === 1 || graph[back] === 1) edges++
    }
  }
  return {
    auroc: area((k) => probabilities[k]!),
    shd,
    correlation: area((k) => Math.abs(correlations[k]!)),
    edges,
  }
}

/** A table as a brain is asked about it. */
export function rowsOf({ columns }: DiscoveryTask): NumberRows {
  const rows = columns[0]!.values.length
  const values = new Float64Array(rows * columns.length)
  for (const [j, column] of columns.entries()) {
    for (let i = 0; i < rows; i++) values[i * columns.length + j] = column.values[i]!
  }
  return { rows, columns: columns.length, values }
}

/** Of all pairs of columns, [d, d]. */
export function correlationsOf({ columns }: DiscoveryTask): Float64Array {
  const standard = columns.map(({ values }) => {
    const middle = mean([...values])
    const spread = Math.sqrt(mean([...values].map((value) => (value - middle) ** 2))) || 1
    return [...values].map((value) => (value - middle) / spread)
  })
  const d = columns.length
  return Float64Array.from({ length: d * d }, (_, k) => {
    const [a, b] = [standard[Math.floor(k / d)]!, standard[k % d]!]
    return mean(a.map((value, i) => value * b[i]!))
  })
}
