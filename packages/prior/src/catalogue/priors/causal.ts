/** Tables from linear structural causal models; the answer is the graph. */

import type { Random } from '@posterior/tabular'
import { GRAPH_COLUMNS } from '../pack/discovery.ts'
import { definePrior, matrix, type Tensor } from '../studio-prior.ts'
import { output, rowCount } from './declarations.ts'

const WEIGHTS = {
  weight_range: {
    type: 'interval',
    limits: [0, 1e3],
    default: [0.5, 2],
    description: 'The size of an edge weight is uniform in here.',
  },
  noise_scale: {
    type: 'float',
    limits: [0, 1e6],
    default: 0.3,
    description: 'Standard deviation of every column given its causes.',
  },
} as const

const OUTPUTS = [
  output('X', 'tensor', '(num_points, d)', 'Observed rows.'),
  output('A', 'graph', '(d, d)', '1 where the row is a cause of the column.'),
]

function columnCount(most: number) {
  return {
    type: 'int',
    range: [3, most],
    limits: GRAPH_COLUMNS,
    default: 5,
    description: 'Columns, which are the nodes of the graph.',
    isShape: true,
  } as const
}

/** Rows of the model with these edges: column k is its causes times their weights, and noise. */
function simulate(
  weights: Float64Array,
  order: Int32Array,
  { rows, noise, random }: { rows: number; noise: number; random: Random },
): Record<string, Tensor> {
  const d = order.length
  const x = new Float64Array(rows * d)
  for (const k of order) {
    for (let i = 0; i < rows; i++) {
      let value = noise * random.normal()
      for (let j = 0; j < d; j++) value += x[i * d + j]! * weights[j * d + k]!
      x[i * d + k] = value
    }
  }
  return {
    X: matrix(x, d),
    A: matrix(
      weights.map((weight) => (weight === 0 ? 0 : 1)),
      d,
    ),
  }
}

/** A random acyclic graph with linear effects. */
export const linearScm = definePrior({
  id: 'linear_scm',
  slug: 'linear-scm',
  name: 'Linear SCM Discovery',
  version: '1.0.0',
  kind: 'tabular',
  category: 'causal',
  task: 'discovery',
  inputs: 'table',
  description: 'Random acyclic graphs with linear effects and Gaussian noise; which column causes which?',
  parameters: {
    num_points: rowCount(200, [100, 400]),
    d: columnCount(10),
    edge_prob: {
      type: 'float',
      range: [0.1, 0.7],
      limits: [0, 1],
      default: 0.4,
      description: 'Probability of an edge from an earlier to a later column of the causal order.',
    },
    ...WEIGHTS,
  },
  outputs: OUTPUTS,
  sample({ num_points: rows, d, edge_prob, weight_range, noise_scale: noise }, random) {
    const order = random.permutation(d)
    const weights = new Float64Array(d * d)
    for (let from = 0; from < d; from++) {
      for (let to = from + 1; to < d; to++) {
        if (!random.bool(edge_prob)) continue
        const size = random.uniform(...weight_range)
        weights[order[from]! * d + order[to]!] = random.bool() ? size : -size
      }
    }
    return simulate(weights, order, { rows, noise, random })
  },
  layout: (p) => ({ rows: p.num_points, features: p.d, classes: 0, leastContext: 1 }),
  pack: null,
})

/** A chain: each column of a random order causes the next. */
export const chainScm = definePrior({
  id: 'chain_scm',
  slug: 'chain-scm',
  name: 'Causal Chain Discovery',
  version: '1.0.0',
  kind: 'tabular',
  category: 'causal',
  task: 'discovery',
  inputs: 'table',
  description: 'Chains with linear effects and Gaussian noise; what is the order?',
  parameters: {
    num_points: rowCount(200, [100, 400]),
    d: columnCount(8),
    monotonicity: {
      type: 'categorical',
      choices: ['mixed', 'positive', 'negative'],
      default: 'mixed',
      description: 'Signs of the effects.',
    },
    ...WEIGHTS,
  },
  outputs: OUTPUTS,
  sample({ num_points: rows, d, monotonicity, weight_range, noise_scale: noise }, random) {
    const order = random.permutation(d)
    const weights = new Float64Array(d * d)
    for (let at = 0; at + 1 < d; at++) {
      const size = random.uniform(...weight_range)
      const isNegative = monotonicity === 'mixed' ? random.bool() : monotonicity === 'negative'
      weights[order[at]! * d + order[at + 1]!] = isNegative ? -size : size
    }
    return simulate(weights, order, { rows, noise, random })
  },
  layout: (p) => ({ rows: p.num_points, features: p.d, classes: 0, leastContext: 1 }),
  pack: null,
})
