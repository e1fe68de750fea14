/** Where tables become cells, and cells become rows. Cells are [B, columns, rows, width] between blocks. */
import {
  add,
  concat,
  type Dim,
  expand,
  matmul,
  mul,
  reshape,
  roll,
  slice,
  type Tensor,
} from '@posterior/graph'
import { embedCells, embedColumnIds, toColumns } from '../../blocks/embedding.ts'
import { compressRows } from '../../blocks/row-stage.ts'
import type { Scope } from '../../parameters.ts'
import { defineBlock, type Passage } from '../block.ts'
import { agreeOnWidth, checkHeads } from '../flow.ts'
import { targetVectors } from '../layers.ts'
import { FEED_FORWARD, HEADS, WIDTH } from './common-fields.ts'

/** Said by a missing cell. */
const MISSING = -2

/** A value and an indicator per cell. */
export const gridPreprocessor = defineBlock({
  type: 'grid_preprocessor',
  name: 'Grid of cells',
  description:
    'Each cell as two numbers: its value, standardised by the labelled rows, and -2 where it is missing. Infinite cells are refused before they get here.',
  fields: {},
  takes: ['table'],
  gives: 'grid',
  flow: () => ({ width: 2 }),
  each: (_scope, x) => concat([slice(x, 3, 0, 1, 1), mul(slice(x, 3, 2, 3, 1), MISSING)], 3),
})

/** A vector per cell, from its own numbers and those of the columns to its right. */
export const tabularCellEmbedder = defineBlock({
  type: 'tabular_cell_embedder',
  name: 'Cell embedder',
  description:
    'A linear map of each cell, or of a group of neighbouring columns, with a random code that tells columns apart. A cell with the target stands before those of the columns. Any number of columns.',
  fields: {
    d_model: { ...WIDTH, default: 192 },
    features_per_group: {
      label: 'Columns per cell',
      kind: 'int',
      default: 1,
      min: 1,
      max: 8,
      step: 1,
      hint: 'Columns that one cell sees: its own and those to its right, in a circle.',
    },
  },
  takes: ['grid'],
  gives: 'cells',
  layers: () => 1,
  memory: ({ features_per_group }) => 4 + features_per_group,
  flow: ({ d_model, features_per_group }, _input, task) => {
    if (task === 'discovery' && features_per_group > 1) {
      throw new RangeError(
        `features_per_group must be 1 for discovery, where the order of columns says nothing; it is ${features_per_group}`,
      )
    }
    return { width: d_model!, hasTarget: task !== 'discovery' }
  },
  each: (scope, x, { d_model, features_per_group }, passage) => {
    const neighbours = Array.from({ length: features_per_group - 1 }, (_, k) => roll(x, 2, k + 1))
    const own = concat([x, ...neighbours], 3)
    const weight = scope.weight('weight', [2 * features_per_group, d_model!], { kind: 'fan-in' })
    const cells = toColumns(withIdentities(scope, matmul(own, weight), passage.columnIds))
    return withTarget(scope, cells, passage)
  },
})

/** Our own embedding of cells: smooth bumps over value and rank. */
export const bumpCellEmbedder = defineBlock({
  type: 'bump_cell_embedder',
  name: 'Smooth cell embedder',
  description:
    'Value, rank, missing and categorical of each cell and of two neighbours, with smooth bumps over value and rank, so that a linear map of them reads as a smooth function. No target: column_stage and row_transformer add it.',
  fields: { d_model: { ...WIDTH, default: 32 } },
  takes: ['table'],
  gives: 'cells',
  layers: () => 1,
  memory: () => 12,
  flow: ({ d_model }, _input, task) => {
    if (task === 'discovery')
      throw new RangeError('it sees neighbouring columns, whose order says nothing in discovery')
    return { width: d_model!, hasTarget: false }
  },
  each: (scope, x, { d_model }) => embedCells(scope, x, { cellWidth: d_model! }),
})

/** The cell of one column as the vector of its row. */
export const rowPoolForHead = defineBlock({
  type: 'row_pool_for_head',
  name: 'Target cell',
  description: 'Takes the cell of the target, or of one column, as the vector of its row.',
  fields: {
    target_col: {
      label: 'Column',
      kind: 'int',
      default: 0,
      min: 0,
      max: 1024,
      step: 1,
      hint: '0 is the cell of the target, which carries its answer; 1 the first column, and so on.',
    },
  },
  takes: ['cells'],
  gives: 'rows',
  flow: ({ target_col }, { hasTarget, columns, from }) => {
    if (!hasTarget) throw new RangeError(`${from} has no cell for the target; use row_compressor`)
    if (target_col > (columns ?? 0)) {
      const most =
        columns === null ? 'any number of columns, so only 0 is always there' : `${columns} columns`
      throw new RangeError(`target_col is ${target_col}, but the table has ${most}`)
    }
    return { hasTarget: false }
  },
  each: (_scope, x, { target_col }) => {
    const [batch, , rows, width] = x.shape
    return reshape(slice(x, 1, target_col, target_col + 1, 1), [batch!, rows!, width!])
  },
})

/** Learned queries that read the cells of a row. */
export const rowCompressor = defineBlock({
  type: 'row_compressor',
  name: 'Row compressor',
  description:
    'Learned queries read the cells of a row; their results, joined, are the vector of the row. Its width is the number of queries times that of a cell.',
  fields: {
    d_model: WIDTH,
    n_queries: {
      label: 'Queries',
      kind: 'int',
      default: 2,
      min: 1,
      max: 16,
      step: 1,
      hint: 'Learned queries.',
    },
    n_heads: { ...HEADS, default: 2 },
    ff_mult: { ...FEED_FORWARD, default: 2 },
  },
  takes: ['cells'],
  gives: 'rows',
  layers: () => 1,
  memory: ({ ff_mult }) => 8 + ff_mult,
  flow: ({ d_model, n_queries, n_heads }, input) => {
    const width = agreeOnWidth('d_model', d_model, input)
    checkHeads(n_heads, width)
    return { width: n_queries * width, hasTarget: false }
  },
  each: (scope, x, { n_queries, n_heads, ff_mult }, { input }) =>
    compressRows(scope, x, {
      cellWidth: input.width,
      cellHeads: n_heads,
      rowQueries: n_queries,
      feedForward: ff_mult,
    }),
})

/** @param cells  [B, N, f, E] */
function withIdentities(scope: Scope, cells: Tensor, ids: Tensor | null): Tensor {
  return ids ? add(cells, embedColumnIds(scope, ids, { cellWidth: cells.shape[3] as number })) : cells
}

/** Put the cells of the target before those of the columns [B, f, N, E]. */
function withTarget(scope: Scope, cells: Tensor, { task, target }: Passage): Tensor {
  const [batch, , rows, width] = cells.shape as [Dim, Dim, Dim, number]
  const vectors = targetVectors(scope, task, target, width)
  if (!vectors) return cells
  return concat(
    [
      expand(reshape(vectors, [...(target ? [batch, 1, rows] : [1, 1, 1]), width]), [batch, 1, rows, width]),
      cells,
    ],
    1,
  )
}
