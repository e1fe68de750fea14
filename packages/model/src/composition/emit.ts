/** Writes a composed model into a graph: labelled rows to what they leave behind, query rows to answers. */
import type { Tensor } from '@posterior/graph'
import type { Scope } from '../parameters.ts'
import type { Passage } from './block.ts'
import { type CompositionConfig, type PlacedBlock, placedBlocks } from './composition.ts'

export interface TableInputs {
  /** Cell channels [B, N, f, 4]. */
  readonly cells: Tensor
  /** Random column vectors [B, f, 16]. */
  readonly columnIds: Tensor
}

/** What labelled rows leave for query rows, by the index of the block and a name of its own: `2.0.keys`. */
export type Kept = Readonly<Record<string, Tensor>>

/**
 * Read labelled rows.
 *
 * @param target  one-hot class slots [B, n, 64] or standardised values [B, n, 1]
 */
export function encodeBlocks(
  scope: Scope,
  { cells, columnIds }: TableInputs,
  target: Tensor,
  config: CompositionConfig,
): Kept {
  const placed = placedBlocks(config)
  const last = placed.findLastIndex(({ block }) => block.reads === 'rows')
  const kept: Record<string, Tensor> = {}
  let x = cells
  placed.forEach((each, index) => {
    if (index > last && each.block.reads !== 'targets') return
    const passage = passageOf(config, each, { columnIds, target, isRead: index < last })
    const keep = (name: string, value: Tensor) => {
      kept[`${index}.${name}`] = value
    }
    x = each.block.labelled(scope.child(index), x, each.config, { ...passage, keep })
  })
  return kept
}

/** Read a whole table. @returns logits [B, f, f]: row causes column */
export function discoverBlocks(scope: Scope, cells: Tensor, config: CompositionConfig): Tensor {
  let x = cells
  placedBlocks(config).forEach((each, index) => {
    const passage = passageOf(config, each, { columnIds: null, target: null, isRead: true })
    x = each.block.labelled(scope.child(index), x, each.config, { ...passage, keep: () => {} })
  })
  return x
}

/** Answer query rows from what labelled rows left. */
export function predictBlocks(
  scope: Scope,
  { cells, columnIds }: TableInputs,
  kept: Kept,
  config: CompositionConfig,
): Tensor {
  let x = cells
  placedBlocks(config).forEach((each, index) => {
    const passage = passageOf(config, each, { columnIds, target: null, isRead: false })
    const recall = (name: string) => {
      const value = kept[`${index}.${name}`]
      if (!value) throw new Error(`${each.block.type} left no "${name}"`)
      return value
    }
    x = each.block.query(scope.child(index), x, each.config, { ...passage, recall })
  })
  return x
}

function passageOf(
  { task }: CompositionConfig,
  { input }: PlacedBlock,
  rest: Pick<Passage, 'columnIds' | 'target' | 'isRead'>,
): Passage {
  const refuse = (what: string) => () => {
    throw new Error(`these rows cannot ${what}`)
  }
  return { task, input, ...rest, keep: refuse('keep'), recall: refuse('recall') }
}
