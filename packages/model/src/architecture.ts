/**
 * The interleaved column/row architecture, written once: `encode` reads labelled rows into a context, `predict` answers
 * query rows from it. Training composes the two; serving keeps the context between them.
 *
 * Cells are embedded, pass alternating column and row stages, and are compressed to one vector per row; an in-context
 * transformer over rows follows, then a vote over classes or a quantile head. Symbols: B datasets, n labelled rows,
 * m query rows, f columns, E cell width, D row width.
 */
import { add, reshape, slice, type Tensor } from '@posterior/graph'
import { classVote, type VoteContext, voteContext } from './blocks/class-vote.ts'
import { type ColumnContext, readColumns, readTokens } from './blocks/column-stage.ts'
import { embedCells, embedTarget } from './blocks/embedding.ts'
import { quantileHead } from './blocks/quantile-head.ts'
import { compressRows, rowStage } from './blocks/row-stage.ts'
import { contextLayer, queryLayer, type RowContext, withThinkingRows } from './blocks/row-transformer.ts'
import { type InterleavedConfig, rowWidth, type Task } from './config.ts'
import type { Scope } from './parameters.ts'

/** Everything that query rows need of the labelled rows. */
export interface ModelContext {
  /** One for each column stage. */
  readonly columns: readonly ColumnContext[]
  /** One for each layer of the row transformer. */
  readonly rows: readonly RowContext[]
  /** Classification only. */
  readonly vote: VoteContext | undefined
}

export interface ModelInputs {
  /** Cell channels [B, N, f, 4]. */
  readonly cells: Tensor
  /** Random column vectors [B, f, 16]. */
  readonly columnIds: Tensor
}

/**
 * Read labelled rows.
 *
 * @param target  one-hot class slots [B, n, 64] or standardised values [B, n, 1]
 */
export function encode(
  scope: Scope,
  inputs: ModelInputs,
  target: Tensor,
  task: Task,
  config: InterleavedConfig,
): ModelContext {
  const columns: ColumnContext[] = []
  let cells = embedCells(scope.child('cells'), inputs.cells, config)
  config.stages.forEach((kind, index) => {
    const stage = scope.child('stage').child(index)
    if (kind === 'row') {
      cells = rowStage(stage, cells, inputs.columnIds, config)
      return
    }
    const label = embedTarget(stage.child(task), target, task, config.cellWidth)
    cells = add(cells, reshape(label, [label.shape[0]!, 1, label.shape[1]!, config.cellWidth]))
    const context = readColumns(stage, cells, taskVector(stage, task, config.cellWidth), config)
    columns.push(context)
    cells = readTokens(stage, cells, context, config)
  })
  const transformer = scope.child('rows')
  const width = rowWidth(config)
  const labelled = add(
    compressRows(scope.child('compress'), cells, config),
    embedTarget(transformer.child(task), target, task, width),
  )
  let rows = withThinkingRows(transformer, labelled, taskVector(transformer, task, width), config)
  const contexts: RowContext[] = []
  for (let layer = 0; layer < config.rowLayers; layer++) {
    const result = contextLayer(transformer.child('layer').child(layer), rows, config)
    contexts.push(result.context)
    rows = result.rows
  }
  if (task === 'regression') return { columns, rows: contexts, vote: undefined }
  const last = slice(rows, 1, config.thinkingRows, Number.POSITIVE_INFINITY, labelled.shape[1]!)
  return { columns, rows: contexts, vote: voteContext(scope.child('vote'), last, target, config) }
}

/**
 * Answer query rows from a context.
 *
 * @returns classification: log-probabilities of class slots [B, m, 64]; regression: quantiles [B, m, 255]
 */
export function predict(
  scope: Scope,
  inputs: ModelInputs,
  context: ModelContext,
  task: Task,
  config: InterleavedConfig,
): Tensor {
  let cells = embedCells(scope.child('cells'), inputs.cells, config)
  let columnStage = 0
  config.stages.forEach((kind, index) => {
    const stage = scope.child('stage').child(index)
    if (kind === 'row') {
      cells = rowStage(stage, cells, inputs.columnIds, config)
      return
    }
    cells = add(cells, unknownTarget(stage.child(task), config.cellWidth))
    cells = readTokens(stage, cells, context.columns[columnStage++]!, config)
  })
  const transformer = scope.child('rows')
  let rows = add(
    compressRows(scope.child('compress'), cells, config),
    unknownTarget(transformer.child(task), rowWidth(config)),
  )
  context.rows.forEach((layerContext, layer) => {
    rows = queryLayer(transformer.child('layer').child(layer), rows, layerContext, config)
  })
  if (!context.vote) return quantileHead(scope.child('quantiles'), rows)
  return classVote(scope.child('vote'), rows, context.vote, config)
}

/** Stands for the target of a row whose target is asked for. */
function unknownTarget(scope: Scope, width: number): Tensor {
  return scope.weight('unknown', [width], { kind: 'normal', sd: 0.02 })
}

function taskVector(scope: Scope, task: Task, width: number): Tensor {
  return scope.weight(`task.${task}`, [width], { kind: 'normal', sd: 0.02 })
}
