/** Blocks over vectors of rows: a row is embedded as a whole, and rows learn from the labelled ones by attention. */
import { add, concat, mul, relu, reshape, sigmoid, slice, type Tensor } from '@posterior/graph'
import { linear, scaledAttention } from '../../blocks/layers.ts'
import type { Scope } from '../../parameters.ts'
import { defineBlock } from '../block.ts'
import { agreeOnWidth, checkHeads } from '../flow.ts'
import { activate, affine, layerNorm, targetVectors } from '../layers.ts'
import { DROPOUT, FEED_FORWARD, HEADS, WIDTH } from './common-fields.ts'

/** Rows of a fixed width as one linear map each. */
export const tabularEmbedder = defineBlock({
  type: 'tabular_embedder',
  name: 'Row embedder',
  description:
    'One linear map of a whole row: its values, standardised by the labelled rows, and which are missing. The target is added to labelled rows. It takes one width only.',
  fields: {
    d_model: { ...WIDTH, default: 256, hint: 'Numbers in the vector of a row.' },
    d_in: {
      label: 'Columns',
      kind: 'int',
      default: null,
      min: 1,
      max: 1024,
      hint: 'Features per row that callers send; left out, those of the prior.',
    },
  },
  takes: ['table'],
  gives: 'rows',
  needsColumns: true,
  flow: ({ d_model, d_in }, input) => {
    if (d_in !== null && input.columns !== null && d_in !== input.columns) {
      throw new RangeError(`d_in is ${d_in}, but ${input.from} has ${input.columns} columns`)
    }
    return { width: d_model, columns: d_in ?? input.columns }
  },
  each: (scope, x, { d_model }, { task, target, input }) => {
    const [batch, rows, columns] = x.shape
    const cells = concat([slice(x, 3, 0, 1, 1), slice(x, 3, 2, 3, 1)], 3)
    const flat = reshape(cells, [batch!, rows!, 2 * ((input.columns ?? columns) as number)])
    const embedded = affine(scope, 'weight', flat, d_model)
    const vectors = targetVectors(scope, task, target, d_model)
    return vectors ? add(embedded, vectors) : embedded
  },
})

/** Pre-norm transformer layers; every row attends to the labelled rows and to no other. */
export const transformerEncoder = defineBlock({
  type: 'transformer_encoder',
  name: 'Transformer',
  description:
    'Layers of attention and a feed-forward part, norm first. Labelled rows attend to each other, query rows to the labelled rows only.',
  citations: ['arXiv:1706.03762'],
  fields: {
    d_model: WIDTH,
    n_heads: HEADS,
    n_layers: {
      label: 'Layers',
      kind: 'int',
      default: 6,
      min: 1,
      max: 24,
      step: 1,
      hint: 'Layers, one after the other.',
    },
    dropout: DROPOUT,
    ff_mult: FEED_FORWARD,
  },
  takes: ['rows'],
  reads: 'rows',
  layers: ({ n_layers }) => n_layers,
  memory: ({ ff_mult }) => 12 + ff_mult,
  flow: ({ d_model, n_heads }, input) => {
    checkHeads(n_heads, agreeOnWidth('d_model', d_model, input))
    return {}
  },
  labelled: (scope, x, config, passage) => {
    let rows = x
    for (let layer = 0; layer < config.n_layers; layer++) {
      const own = scope.child(layer)
      const normed = layerNorm(own.child('attention_norm'), rows)
      // A bias on the keys would add the same to every logit of a softmax, which changes nothing.
      const keys = linear(own, 'key', normed, normed.shape[2] as number)
      const values = affine(own, 'value', normed, normed.shape[2] as number)
      passage.keep(`${layer}.keys`, keys)
      passage.keep(`${layer}.values`, values)
      if (!passage.isRead && layer === config.n_layers - 1) return rows
      rows = attendAndFeed(own, rows, { normed, keys, values }, config)
    }
    return rows
  },
  query: (scope, x, config, passage) => {
    let rows = x
    for (let layer = 0; layer < config.n_layers; layer++) {
      const own = scope.child(layer)
      const normed = layerNorm(own.child('attention_norm'), rows)
      const [keys, values] = [passage.recall(`${layer}.keys`), passage.recall(`${layer}.values`)]
      rows = attendAndFeed(own, rows, { normed, keys, values }, config)
    }
    return rows
  },
})

function attendAndFeed(
  scope: Scope,
  rows: Tensor,
  { normed, keys, values }: { normed: Tensor; keys: Tensor; values: Tensor },
  { n_heads, ff_mult }: { n_heads: number; ff_mult: number },
): Tensor {
  const width = rows.shape[2] as number
  const read = scaledAttention(affine(scope, 'query', normed, width), keys, values, n_heads)
  const attended = add(rows, affine(scope, 'out', read, width, { kind: 'zeros' }))
  const hidden = relu(affine(scope, 'up', layerNorm(scope.child('feed_norm'), attended), width * ff_mult))
  return add(attended, affine(scope, 'down', hidden, width, { kind: 'zeros' }))
}

/** x + sigmoid(linear(x)) * MLP(x). */
export const gatedResidual = defineBlock({
  type: 'gated_residual',
  name: 'Gated residual',
  description: 'Adds a small network to each vector, weighted by a learned gate.',
  fields: {
    d_model: WIDTH,
    hidden_mult: { ...FEED_FORWARD, label: 'Hidden width', default: 2 },
  },
  takes: ['rows', 'cells', 'columns'],
  layers: () => 1,
  memory: ({ hidden_mult }) => 4 + 3 * hidden_mult,
  flow: ({ d_model }, input) => {
    agreeOnWidth('d_model', d_model, input)
    return {}
  },
  each: (scope, x, { hidden_mult }) => {
    const width = x.shape.at(-1) as number
    const hidden = activate('gelu', affine(scope, 'up', x, width * hidden_mult))
    const gate = sigmoid(affine(scope, 'gate', x, width))
    return add(x, mul(gate, affine(scope, 'down', hidden, width, { kind: 'zeros' })))
  },
})
