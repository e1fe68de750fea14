/** One face for all architectures: labelled rows leave something, and query rows are answered from it. */
import type { Dim, Tensor } from '@posterior/graph'
import { encode, type ModelContext, predict } from './architecture.ts'
import { barScore } from './composition/bars.ts'
import {
  discoverBlocks,
  encodeBlocks,
  type Kept,
  predictBlocks,
  type TableInputs,
} from './composition/emit.ts'
import type { InterleavedConfig, Task } from './config.ts'
import { crossEntropy, pinballLoss } from './losses.ts'
import type { ModelConfig } from './model-config.ts'
import type { Scope } from './parameters.ts'

export type { Kept, TableInputs } from './composition/emit.ts'

export interface Definition {
  /** Columns of its tables: `f` when any number will do. */
  readonly columns: Dim
  /** @param target  one-hot class slots [B, n, 64] or standardised values [B, n, 1] */
  encode(scope: Scope, inputs: TableInputs, target: Tensor): Kept
  /** @returns classification: log-probabilities of class slots [B, m, 64]; regression: quantiles [B, m, 255] */
  predict(scope: Scope, inputs: TableInputs, kept: Kept): Tensor
  /** Name of what predict gives: `bars` are probabilities [B, m, buckets], see composition/bars.ts. */
  readonly output: 'log_probs' | 'quantiles' | 'bars'
  /** Loss of each row [B, m], in nats or as the CRPS of the standardised target. */
  loss(answers: Tensor, target: Tensor): Tensor
}

/** @throws RangeError when the model is made for another task */
export function definitionOf(config: ModelConfig, task: Task): Definition {
  const plain =
    task === 'classification'
      ? ({ output: 'log_probs', loss: crossEntropy } as const)
      : ({ output: 'quantiles', loss: pinballLoss } as const)
  if (config.architecture === 'interleaved-1') {
    return {
      ...plain,
      columns: 'f',
      encode: (scope, inputs, target) => namesOf(encode(scope, inputs, target, task, config)),
      predict: (scope, inputs, kept) => predict(scope, inputs, contextOf(kept, task, config), task, config),
    }
  }
  if (config.task !== task) throw new RangeError(`the blocks are made for ${config.task}, not ${task}`)
  const hasBars = config.blocks.at(-1)!.type === 'bar_distribution_head'
  return {
    ...(hasBars ? ({ output: 'bars', loss: barScore } as const) : plain),
    columns: config.columns ?? 'f',
    encode: (scope, inputs, target) => encodeBlocks(scope, inputs, target, config),
    predict: (scope, inputs, kept) => predictBlocks(scope, inputs, kept, config),
  }
}

/** How a model for discovery reads a table. @throws RangeError when it is made for another task */
export function discoveryOf(config: ModelConfig): {
  readonly columns: Dim
  discover(scope: Scope, cells: Tensor): Tensor
} {
  if (config.architecture !== 'composition-1' || config.task !== 'discovery') {
    throw new RangeError('the model answers rows, not with a graph')
  }
  return {
    columns: config.columns ?? 'f',
    discover: (scope, cells) => discoverBlocks(scope, cells, config),
  }
}

function namesOf({ columns, rows, vote }: ModelContext): Kept {
  const kept: Record<string, Tensor> = {}
  columns.forEach(({ keys, values }, i) => {
    kept[`column.${i}.keys`] = keys
    kept[`column.${i}.values`] = values
  })
  rows.forEach(({ keys, values }, i) => {
    kept[`row.${i}.keys`] = keys
    kept[`row.${i}.values`] = values
  })
  if (vote) {
    kept['vote.keys'] = vote.keys
    kept['vote.classes'] = vote.classes
  }
  return kept
}

function contextOf(kept: Kept, task: Task, config: InterleavedConfig): ModelContext {
  const pair = (name: string) => ({ keys: kept[`${name}.keys`]!, values: kept[`${name}.values`]! })
  const columnStages = config.stages.filter((kind) => kind === 'column').length
  return {
    columns: Array.from({ length: columnStages }, (_, i) => pair(`column.${i}`)),
    rows: Array.from({ length: config.rowLayers }, (_, i) => pair(`row.${i}`)),
    vote:
      task === 'classification' ? { keys: kept['vote.keys']!, classes: kept['vote.classes']! } : undefined,
  }
}
