/**
 * Discovery: from the cells of a whole table to the graph behind its columns. Nothing here depends on the order of rows or
 * of columns, and any number of both will do.
 */
import {
  add,
  div,
  expand,
  matmul,
  mulDims,
  relu,
  reshape,
  rmsNorm,
  sizeAsFloat,
  type Tensor,
  transpose,
} from '@posterior/graph'
import { linear, linearFromZero, productOf, scaledAttention } from '../../blocks/layers.ts'
import type { Scope } from '../../parameters.ts'
import { defineBlock } from '../block.ts'
import { agreeOnWidth, checkHeads } from '../flow.ts'
import { affine } from '../layers.ts'
import { HEADS, WIDTH } from './common-fields.ts'

/** An edge is rarer than none: where a logit starts. */
const FIRST_LOGIT = -1

/** The cells of a column as one vector. */
export const causalAttentionPool = defineBlock({
  type: 'causal_attention_pool',
  name: 'Column pool',
  description:
    'One learned query reads the rows of each column, so that a column becomes one vector. For discovery.',
  fields: { d_model: WIDTH },
  takes: ['cells'],
  gives: 'columns',
  layers: () => 1,
  memory: () => 8,
  flow: ({ d_model }, input, task) => {
    agreeOnWidth('d_model', d_model, input)
    if (task !== 'discovery') {
      throw new RangeError(
        'it loses the rows, which the head answers; use row_pool_for_head or row_compressor',
      )
    }
    return {}
  },
  labelled: (scope, x, _, { input: { width } }) => {
    const [batch, columns, rows] = x.shape
    const groups = productOf(x, 2)
    const flat = reshape(x, [groups, rows!, width])
    const query = expand(scope.weight('query', [1, width], { kind: 'normal', sd: 1 }), [groups, 1, width])
    const read = scaledAttention(
      query,
      linear(scope, 'key', flat, width),
      linear(scope, 'value', flat, width),
      1,
    )
    return reshape(read, [batch!, columns!, width])
  },
})

/** Edges from one vector per column. */
export const discoveryHead = defineBlock({
  type: 'discovery_head',
  name: 'Edges of columns',
  description:
    'A small network on each ordered pair of column vectors gives the logit of an edge from one to the other. Any number of columns.',
  isHead: true,
  fields: {
    d_model: WIDTH,
    num_variables: {
      label: 'Columns',
      kind: 'int',
      default: null,
      min: 2,
      max: 64,
      hint: 'Left out, any number; given, tables must have as many.',
    },
  },
  takes: ['columns'],
  gives: 'graph',
  layers: () => 1,
  memory: () => 8,
  flow: ({ d_model, num_variables }, input) => {
    agreeOnWidth('d_model', d_model, input)
    if (num_variables !== null && input.columns !== null && num_variables !== input.columns) {
      throw new RangeError(`num_variables is ${num_variables}, but the table has ${input.columns} columns`)
    }
    return { width: 0, columns: num_variables ?? input.columns }
  },
  labelled: (scope, x, _, { input: { width } }) => {
    const [batch, columns] = x.shape
    const normed = rmsNorm(x)
    const cause = reshape(affine(scope, 'cause', normed, width), [batch!, columns!, 1, width])
    const effect = reshape(affine(scope, 'effect', normed, width), [batch!, 1, columns!, width])
    return logits(scope, relu(add(cause, effect)))
  },
})

/** Edges from the moments of pairs of columns. */
export const momentGraphHead = defineBlock({
  type: 'moment_graph_head',
  name: 'Edges of moments',
  description:
    'Products of learned features, averaged over the rows, describe each pair of columns; pairs that share a column then attend to each other, and each gives the logit of an edge. Any number of columns.',
  isHead: true,
  fields: {
    d_model: WIDTH,
    n_moments: {
      label: 'Moments',
      kind: 'int',
      default: 8,
      min: 1,
      max: 64,
      step: 1,
      hint: 'Products per pair.',
    },
    d_pair: {
      ...WIDTH,
      label: 'Width of a pair',
      default: 32,
      max: 256,
      hint: 'Numbers in the vector of a pair.',
    },
    n_heads: { ...HEADS, default: 2 },
    n_layers: {
      label: 'Layers',
      kind: 'int',
      default: 2,
      min: 1,
      max: 12,
      step: 1,
      hint: 'Layers over pairs.',
    },
  },
  takes: ['cells'],
  gives: 'graph',
  layers: ({ n_layers }) => 2 * n_layers,
  memory: ({ d_pair, n_layers }) => 8 + Math.ceil((d_pair! * n_layers) / 8),
  flow: ({ d_model, d_pair, n_heads }, input) => {
    agreeOnWidth('d_model', d_model, input)
    checkHeads(n_heads, d_pair!, 'd_pair')
    return { width: 0 }
  },
  labelled: (scope, x, { n_moments, d_pair, n_heads, n_layers }) => {
    const moments = averagedProducts(scope, x, n_moments)
    const [batch, columns] = x.shape
    const bias = scope.weight('pair.bias', [d_pair!], { kind: 'zeros' })
    let pairs = add(matmul(moments, scope.weight('pair', [n_moments, d_pair!], { kind: 'fan-in' })), bias)
    // A pair of a column with itself is told apart by its moments, which are its own variances.
    for (let layer = 0; layer < n_layers; layer++) {
      const own = scope.child(layer)
      pairs = attendAlong(own.child('effects'), pairs, n_heads)
      const turned = attendAlong(own.child('causes'), transpose(pairs, [0, 2, 1, 3]), n_heads)
      pairs = transpose(turned, [0, 2, 1, 3])
      const hidden = relu(affine(own, 'up', rmsNorm(pairs), 2 * d_pair!))
      pairs = add(pairs, affine(own, 'down', hidden, d_pair!, { kind: 'zeros' }))
    }
    return logits(scope, reshape(rmsNorm(pairs), [batch!, columns!, columns!, d_pair!]))
  },
})

/** Means over rows of products of learned features of two columns: [B, V, N, d] to [B, V, V, moments]. */
function averagedProducts(scope: Scope, x: Tensor, moments: number): Tensor {
  const [batch, columns, rows] = x.shape
  const each = 2
  const features = (name: string) => {
    const y = linear(scope, name, x, moments * each)
    const heads = reshape(y, [batch!, columns!, rows!, moments, each])
    return reshape(transpose(heads, [0, 3, 1, 2, 4]), [batch!, moments, columns!, mulDims(rows!, each)])
  }
  const [left, right] = [features('left'), features('right')]
  const products = matmul(left, transpose(right, [0, 1, 3, 2]))
  return transpose(div(products, sizeAsFloat(products, rows!)), [0, 2, 3, 1])
}

/** The pairs [B, V, V, d] along the third axis attend to each other. */
function attendAlong(scope: Scope, pairs: Tensor, heads: number): Tensor {
  const width = pairs.shape[3] as number
  const flat = reshape(pairs, [productOf(pairs, 2), pairs.shape[2]!, width])
  const normed = rmsNorm(flat)
  const read = scaledAttention(
    linear(scope, 'query', normed, width),
    linear(scope, 'key', normed, width),
    linear(scope, 'value', normed, width),
    heads,
  )
  return reshape(add(flat, linearFromZero(scope, 'out', read, width)), pairs.shape)
}

/** [B, V, V, d] to [B, V, V]. */
function logits(scope: Scope, pairs: Tensor): Tensor {
  const width = pairs.shape[3] as number
  const scores = matmul(pairs, scope.weight('edge', [width, 1], { kind: 'fan-in' }))
  const bias = scope.weight('edge.bias', [1], { kind: 'zeros' })
  return reshape(add(add(scores, bias), FIRST_LOGIT), pairs.shape.slice(0, 3))
}
