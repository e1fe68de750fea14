// The catalogue's linear structural causal models as a module of your own: tables whose answer is a graph.
export const prior = definePrior({
  name: 'Linear SCM Discovery',
  kind: 'tabular',
  description: 'Random acyclic graphs with linear effects and Gaussian noise; which column causes which?',
  parameters: {
    num_points: { type: 'int', range: [100, 400], limits: [16, 10_000], description: 'Rows of a table.' },
    d: { type: 'int', range: [3, 10], limits: [2, 64], description: 'Columns, which are the nodes.' },
    edge_prob: {
      type: 'float',
      range: [0.1, 0.7],
      description: 'Of an edge from an earlier to a later node.',
    },
    weight_range: { type: 'interval', default: [0.5, 2], description: 'Sizes of the effects.' },
    noise_scale: { type: 'float', default: 0.3, description: 'Standard deviation given the causes.' },
  },
  outputs: [
    { name: 'X', type: 'tensor', shape: '(num_points, d)', description: 'Observed rows.' },
    { name: 'A', type: 'graph', shape: '(d, d)', description: '1 where the row is a cause of the column.' },
  ],
  sample(random, { num_points, d, edge_prob, weight_range, noise_scale }) {
    const order = random.permutation(d)
    const weights = Array.from({ length: d }, () => new Float64Array(d))
    for (let from = 0; from < d; from++) {
      for (let to = from + 1; to < d; to++) {
        if (!random.bool(edge_prob)) continue
        const size = random.uniform(...weight_range)
        weights[order[from]!]![order[to]!] = random.bool() ? size : -size
      }
    }
    const X = Array.from({ length: num_points }, () => new Float64Array(d))
    for (const k of order) {
      for (const row of X) {
        row[k] = noise_scale * random.normal()
        for (let j = 0; j < d; j++) row[k]! += j === k ? 0 : row[j]! * weights[j]![k]!
      }
    }
    return { X, A: weights.map((row) => Array.from(row, (weight) => weight !== 0)) }
  },
})
