/**
 * A block: its fields, the shapes it fits between, and how it is written into a graph. Labelled rows pass first and leave
 * behind what query rows need of them; query rows pass later and read that. So query rows never see each other, and what
 * is left behind is the fitted context.
 */
import type { Tensor } from '@posterior/graph'
import type { ModelTask } from '../config.ts'
import type { Scope } from '../parameters.ts'
import type { ConfigOf, Fields, FieldValue } from './fields.ts'
import type { Flow, FlowKind } from './flow.ts'

/** One block of a model, with a value for every field. */
export interface ConfiguredBlock {
  readonly type: string
  readonly config: Readonly<Record<string, FieldValue>>
}

/** What a block may use while it is written. */
export interface Passage {
  readonly task: ModelTask
  /** What reaches the block. */
  readonly input: Flow
  /** Random column vectors [B, f, 16]; null where columns are alike, so that no answer depends on their names. */
  readonly columnIds: Tensor | null
  /** Targets of labelled rows; null while query rows pass, and for discovery. */
  readonly target: Tensor | null
  /** Whether a later block reads the labelled rows; what follows from them alone need not be written otherwise. */
  readonly isRead: boolean
  /** Leave something of the labelled rows for the query rows. The first dimension is the batch. */
  keep(name: string, value: Tensor): void
  /** What the labelled rows left. */
  recall(name: string): Tensor
}

/** How a block is written. */
export interface Emission<C> {
  /** Labelled rows. */
  labelled(scope: Scope, x: Tensor, config: C, passage: Passage): Tensor
  /** Query rows. */
  query(scope: Scope, x: Tensor, config: C, passage: Passage): Tensor
}

export interface Block<C = Readonly<Record<string, FieldValue>>> extends Emission<C> {
  readonly type: string
  readonly name: string
  readonly description: string
  readonly isHead: boolean
  /** Where the mathematics is from. */
  readonly citations: readonly string[]
  readonly fields: Fields
  /** Kinds of flow that it takes. */
  readonly takes: readonly FlowKind[]
  /** The kind of what it gives; undefined when it is the kind that came. */
  readonly gives: FlowKind | undefined
  /** What of the labelled rows query rows need here; `nothing` when each row is treated by itself. */
  readonly reads: 'rows' | 'targets' | 'nothing'
  /** Whether the cells of a row read each other in it. */
  readonly mixesCells: boolean
  /** Whether it has weights for each column, so that the number of columns has to be known. */
  readonly needsColumns: boolean
  /** Layers, which the length of a model is counted in. */
  layers(config: C): number
  /** Numbers per vector that it holds at the same time, as a multiple of the vector's width. */
  memory(config: C): number
  /**
   * What it gives for what it takes (already one of `takes`).
   *
   * @throws RangeError when the configuration does not fit; the message says what is and what must be
   */
  flow(config: C, input: Flow, task: ModelTask): GivenFlow
}

/** What a block gives: its kind stands in `gives`, and what is not said stays as it came. */
export type GivenFlow = Partial<Pick<Flow, 'width' | 'columns' | 'hasTarget'>>

/** What has a default. */
type Optional =
  | 'layers'
  | 'memory'
  | 'citations'
  | 'isHead'
  | 'gives'
  | 'reads'
  | 'mixesCells'
  | 'needsColumns'
  | keyof Emission<unknown>

type Definition<F extends Fields> = Omit<Block<ConfigOf<F>>, 'fields' | 'flow' | Optional> &
  Partial<Pick<Block<ConfigOf<F>>, Optional>> & {
    readonly fields: F
    flow(config: ConfigOf<F>, input: Flow, task: ModelTask): GivenFlow
    /** For blocks that treat every row alike: both passages. */
    each?(scope: Scope, x: Tensor, config: ConfigOf<F>, passage: Passage): Tensor
  }

/** A block whose code sees its configuration by name and type. Configurations are checked before. */
export function defineBlock<const F extends Fields>(definition: Definition<F>): Block {
  const { each, ...rest } = definition
  const missing = () => {
    throw new Error(`${definition.type} does not pass such rows`)
  }
  const complete: Block<ConfigOf<F>> = {
    layers: () => 0,
    memory: () => 4,
    citations: [],
    isHead: false,
    gives: undefined,
    reads: 'nothing',
    needsColumns: false,
    mixesCells: false,
    labelled: each ?? missing,
    query: each ?? missing,
    ...rest,
  }
  return complete as unknown as Block
}
