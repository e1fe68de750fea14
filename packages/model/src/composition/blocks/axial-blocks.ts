/**
 * Attention along the two axes of a table: among the cells of a row, and among the rows of a column. Along a column every
 * row reads labelled rows only, and query rows read them through one shared head, which keeps the context small.
 */
import { add, reshape, slice, type Tensor } from '@posterior/graph'
import { toColumns, toRows } from '../../blocks/embedding.ts'
import { linear, linearFromZero, productOf, scaledAttention } from '../../blocks/layers.ts'
import { sharedHeadAttention } from '../../blocks/row-transformer.ts'
import type { Scope } from '../../parameters.ts'
import { defineBlock, type Passage } from '../block.ts'
import { agreeOnWidth, checkHeads, type Flow } from '../flow.ts'
import { ACTIVATIONS, activate, layerNorm } from '../layers.ts'
import { FEED_FORWARD, HEADS, WIDTH } from './common-fields.ts'

interface Heads {
  readonly n_heads: number
  readonly head_dim: number | null
}

const ATTENTION = {
  d_model: WIDTH,
  n_heads: { ...HEADS, default: 6 },
  head_dim: { ...WIDTH, label: 'Width of a head', max: 256, hint: 'Left out, the width over the heads.' },
} as const

function attentionFlow({ d_model, n_heads, head_dim }: Heads & { d_model: number | null }, input: Flow) {
  const width = agreeOnWidth('d_model', d_model, input)
  if (head_dim === null) checkHeads(n_heads, width)
  return {}
}

/** The cells of a row attend to each other. */
export const alongRowAttention = defineBlock({
  type: 'along_row_attention',
  mixesCells: true,
  name: 'Attention along rows',
  description: 'The cells of one row attend to each other; adds what they read. Rows do not meet.',
  fields: ATTENTION,
  takes: ['cells'],
  layers: () => 1,
  memory: () => 12,
  flow: attentionFlow,
  each: (scope, x, config) => add(x, readRow(scope, layerNorm(scope, x, false), config)),
})

/** The rows of a column attend to its labelled rows. */
export const alongColumnAttention = defineBlock({
  type: 'along_column_attention',
  name: 'Attention along columns',
  description:
    'The rows of one column attend to the labelled rows, query rows through one shared head; adds what they read.',
  fields: ATTENTION,
  takes: ['cells'],
  reads: 'rows',
  layers: () => 1,
  memory: () => 12,
  flow: attentionFlow,
  labelled: (scope, x, config, passage) => {
    const read = readLabelled(scope, layerNorm(scope, x, false), config, passage)
    return passage.isRead ? add(x, read()) : x
  },
  query: (scope, x, config, passage) =>
    add(x, readColumn(scope, layerNorm(scope, x, false), config, passage)),
})

/** Row attention, column attention and a feed-forward part. */
export const axialAttentionBlock = defineBlock({
  type: 'axial_attention_block',
  mixesCells: true,
  name: 'Axial attention',
  description:
    'Attention along rows, then along columns, then a feed-forward part; each adds to its input, with a norm before or after.',
  fields: {
    ...ATTENTION,
    ff_mult: FEED_FORWARD,
    norm_position: {
      label: 'Norm',
      kind: 'choice',
      default: 'post',
      choices: ['post', 'pre'],
      hint: 'After the sum, or before each part.',
    },
    norm_affine: {
      label: 'Learned norm',
      kind: 'boolean',
      default: false,
      hint: 'Gain and shift of the norms.',
    },
    mlp_init: {
      label: 'Start of the feed-forward part',
      kind: 'choice',
      default: 'zero_second_linear',
      choices: ['zero_second_linear', 'default'],
      hint: 'From nothing, or from random weights.',
    },
    mlp_activation: {
      label: 'Activation',
      kind: 'choice',
      default: 'gelu',
      choices: ACTIVATIONS,
      hint: 'Of the feed-forward part.',
    },
  },
  takes: ['cells'],
  reads: 'rows',
  layers: () => 2,
  memory: ({ ff_mult }) => 12 + ff_mult,
  flow: attentionFlow,
  labelled: (scope, x, config, passage) => {
    const rows = part(scope.child('row'), x, config, (own, y) => readRow(own, y, config))
    let read: Tensor | undefined
    const columns = part(scope.child('column'), rows, config, (own, y) => {
      const later = readLabelled(own, y, config, passage)
      read = passage.isRead ? later() : undefined
      return read ?? y
    })
    if (!read) return x
    return part(scope.child('mlp'), columns, config, (own, y) => feed(own, y, config))
  },
  query: (scope, x, config, passage) => {
    const rows = part(scope.child('row'), x, config, (own, y) => readRow(own, y, config))
    const columns = part(scope.child('column'), rows, config, (own, y) => readColumn(own, y, config, passage))
    return part(scope.child('mlp'), columns, config, (own, y) => feed(own, y, config))
  },
})

/** norm(x + act(x)), or x + act(norm(x)). */
function part(
  scope: Scope,
  x: Tensor,
  { norm_position, norm_affine }: { norm_position: string; norm_affine: boolean },
  act: (scope: Scope, x: Tensor) => Tensor,
): Tensor {
  const norm = (y: Tensor) => layerNorm(scope.child('norm'), y, norm_affine)
  return norm_position === 'pre' ? add(x, act(scope, norm(x))) : norm(add(x, act(scope, x)))
}

function feed(
  scope: Scope,
  x: Tensor,
  {
    ff_mult,
    mlp_activation,
    mlp_init,
  }: { ff_mult: number; mlp_activation: (typeof ACTIVATIONS)[number]; mlp_init: string },
): Tensor {
  const width = x.shape.at(-1) as number
  const hidden = activate(mlp_activation, linear(scope, 'up', x, width * ff_mult))
  return (mlp_init === 'default' ? linear : linearFromZero)(scope, 'down', hidden, width)
}

/** What the cells [B, f, N, E] of each row read of each other; nothing at the start of training. */
function readRow(scope: Scope, x: Tensor, heads: Heads): Tensor {
  const rows = toRows(x)
  const flat = reshape(rows, [productOf(rows, 2), rows.shape[2]!, rows.shape[3]!])
  const inner = innerWidth(x, heads)
  const read = scaledAttention(
    linear(scope, 'query', flat, inner),
    linear(scope, 'key', flat, inner),
    linear(scope, 'value', flat, inner),
    heads.n_heads,
  )
  return toColumns(reshape(out(scope, read, x), rows.shape))
}

/** Keep what query rows read of a column's labelled cells [B, f, n, E]; what these read of each other comes if called. */
function readLabelled(scope: Scope, x: Tensor, heads: Heads, { keep }: Passage): () => Tensor {
  const [batch, columns, rows, width] = x.shape
  const flat = reshape(x, [productOf(x, 2), rows!, width!])
  const inner = innerWidth(x, heads)
  const each = inner / heads.n_heads
  const keys = linear(scope, 'key', flat, inner)
  const values = linear(scope, 'value', flat, inner)
  const shared = (y: Tensor) => reshape(slice(y, 2, 0, each, each), [batch!, columns!, rows!, each])
  keep('keys', shared(keys))
  keep('values', shared(values))
  return () => {
    const query = linear(scope, 'query', flat, inner)
    return reshape(out(scope, scaledAttention(query, keys, values, heads.n_heads), x), x.shape)
  }
}

/** What query cells [B, f, m, E] read of their column's labelled cells. */
function readColumn(scope: Scope, x: Tensor, heads: Heads, { recall }: Passage): Tensor {
  const flat = reshape(x, [productOf(x, 2), x.shape[2]!, x.shape[3]!])
  const shared = (y: Tensor) => reshape(y, [productOf(y, 2), y.shape[2]!, y.shape[3]!])
  const query = linear(scope, 'query', flat, innerWidth(x, heads))
  const context = { keys: shared(recall('keys')), values: shared(recall('values')) }
  const read = sharedHeadAttention(query, context, heads.n_heads)
  return reshape(out(scope, reshape(read, query.shape), x), x.shape)
}

function innerWidth(x: Tensor, { n_heads, head_dim }: Heads): number {
  return head_dim === null ? (x.shape.at(-1) as number) : n_heads * head_dim
}

/** From joined heads back to the width of cells, from zero. */
function out(scope: Scope, read: Tensor, x: Tensor): Tensor {
  return linearFromZero(scope, 'out', read, x.shape.at(-1) as number)
}
