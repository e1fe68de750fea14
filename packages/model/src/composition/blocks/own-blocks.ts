/** The stages of our released models as blocks: inducing tokens along columns, attention along rows, rows in context. */
import { add, reshape, slice, type Tensor } from '@posterior/graph'
import { readColumns, readTokens } from '../../blocks/column-stage.ts'
import { rowStage } from '../../blocks/row-stage.ts'
import { contextLayer, queryLayer, withThinkingRows } from '../../blocks/row-transformer.ts'
import type { Scope } from '../../parameters.ts'
import { defineBlock, type Passage } from '../block.ts'
import { agreeOnWidth, checkHeads, type Flow } from '../flow.ts'
import { targetVectors } from '../layers.ts'
import { FEED_FORWARD, HEADS, WIDTH } from './common-fields.ts'

const STAGE = {
  d_model: WIDTH,
  n_heads: { ...HEADS, default: 2 },
  ff_mult: { ...FEED_FORWARD, default: 2 },
} as const

function stageFlow({ d_model, n_heads }: { d_model: number | null; n_heads: number }, input: Flow) {
  checkHeads(n_heads, agreeOnWidth('d_model', d_model, input))
  return {}
}

/** The rows of a column exchange information through a few learned tokens. */
export const columnStage = defineBlock({
  type: 'column_stage',
  name: 'Column stage',
  description:
    'Learned tokens read the labelled cells of a column with their targets, and every cell reads the tokens. What is kept does not grow with the rows.',
  citations: ['arXiv:1810.00825'],
  fields: {
    ...STAGE,
    n_tokens: {
      label: 'Tokens',
      kind: 'int',
      default: 16,
      min: 1,
      max: 256,
      step: 1,
      hint: 'Learned tokens per column.',
    },
  },
  takes: ['cells'],
  reads: 'rows',
  layers: () => 2,
  memory: ({ ff_mult }) => 12 + ff_mult,
  flow: stageFlow,
  labelled: (scope, x, config, passage) => {
    const sizes = cellSizes(config, passage)
    const cells = withTarget(scope, x, passage)
    const { keys, values } = readColumns(scope, cells, null, sizes)
    passage.keep('keys', keys)
    passage.keep('values', values)
    return passage.isRead ? readTokens(scope, cells, { keys, values }, sizes) : x
  },
  query: (scope, x, config, passage) => {
    const context = { keys: passage.recall('keys'), values: passage.recall('values') }
    return readTokens(scope, withTarget(scope, x, passage), context, cellSizes(config, passage))
  },
})

/** The cells of a row attend to each other, told apart by the identities of their columns. */
export const rowStageBlock = defineBlock({
  type: 'row_stage',
  mixesCells: true,
  name: 'Row stage',
  description: 'The cells of one row attend to each other and pass a feed-forward part. Rows do not meet.',
  fields: STAGE,
  takes: ['cells'],
  layers: () => 1,
  memory: ({ ff_mult }) => 12 + ff_mult,
  flow: (config, input, task) => {
    if (input.hasTarget) {
      throw new RangeError(
        'it knows no cell for the target; use along_row_attention after tabular_cell_embedder',
      )
    }
    if (task === 'discovery') throw new RangeError('it tells columns apart, which discovery must not')
    return stageFlow(config, input)
  },
  each: (scope, x, config, passage) => rowStage(scope, x, passage.columnIds, cellSizes(config, passage)),
})

/** Rows learn from labelled rows and from a few learned rows. */
export const rowTransformer = defineBlock({
  type: 'row_transformer',
  name: 'Row transformer',
  description:
    'Labelled rows and learned thinking rows attend to each other with all heads; query rows read them through one shared head, which keeps the context small.',
  citations: ['arXiv:1911.02150'],
  fields: {
    d_model: WIDTH,
    n_heads: { ...HEADS, default: 4 },
    n_layers: {
      label: 'Layers',
      kind: 'int',
      default: 3,
      min: 1,
      max: 24,
      step: 1,
      hint: 'Layers, one after the other.',
    },
    n_thinking: {
      label: 'Thinking rows',
      kind: 'int',
      default: 8,
      min: 1,
      max: 64,
      step: 1,
      hint: 'Learned rows beside the labelled ones.',
    },
    ff_mult: { ...FEED_FORWARD, default: 2 },
  },
  takes: ['rows'],
  reads: 'rows',
  layers: ({ n_layers }) => n_layers,
  memory: ({ ff_mult }) => 12 + ff_mult,
  flow: stageFlow,
  labelled: (scope, x, config, passage) => {
    const sizes = rowSizes(config, passage)
    const labelled = add(x, targetVectors(scope, passage.task, passage.target, passage.input.width)!)
    let rows = withThinkingRows(scope, labelled, null, sizes)
    for (let layer = 0; layer < config.n_layers; layer++) {
      const isNeeded = passage.isRead || layer + 1 < config.n_layers
      const result = contextLayer(scope.child(layer), rows, sizes, { isNeeded })
      passage.keep(`${layer}.keys`, result.context.keys)
      passage.keep(`${layer}.values`, result.context.values)
      rows = result.rows
    }
    return slice(rows, 1, config.n_thinking, Number.POSITIVE_INFINITY, x.shape[1]!)
  },
  query: (scope, x, config, passage) => {
    const sizes = rowSizes(config, passage)
    let rows = add(x, targetVectors(scope, passage.task, null, passage.input.width)!)
    for (let layer = 0; layer < config.n_layers; layer++) {
      const context = { keys: passage.recall(`${layer}.keys`), values: passage.recall(`${layer}.values`) }
      rows = queryLayer(scope.child(layer), rows, context, sizes)
    }
    return rows
  },
})

function cellSizes(
  { n_heads, ff_mult, ...rest }: { n_heads: number; ff_mult: number; n_tokens?: number },
  { input }: Passage,
) {
  const { n_tokens: inducingPoints = 0 } = rest
  return { cellWidth: input.width, cellHeads: n_heads, feedForward: ff_mult, inducingPoints }
}

function rowSizes(
  { n_heads, ff_mult, n_thinking }: { n_heads: number; ff_mult: number; n_thinking: number },
  { input }: Passage,
) {
  const width = { rowQueries: 1, cellWidth: input.width }
  return { ...width, rowHeads: n_heads, thinkingRows: n_thinking, feedForward: ff_mult }
}

/** Every cell of a row carries what is known of its target. */
function withTarget(scope: Scope, cells: Tensor, { task, target, input }: Passage): Tensor {
  const vectors = targetVectors(scope, task, target, input.width)
  if (!vectors) return cells
  if (!target) return add(cells, vectors)
  return add(cells, reshape(vectors, [cells.shape[0]!, 1, cells.shape[2]!, input.width]))
}
