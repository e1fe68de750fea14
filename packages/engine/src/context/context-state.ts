/**
 * A fitted context: everything that answering needs besides the model's weights. The state is plain JSON, the tensors
 * (what the model took from the labelled rows) are float32.
 */
import { COLUMN_ID_DIM, type WeightTensor } from '@posterior/model'
import type {
  ChannelColumnState,
  ChannelState,
  ChannelVariant,
  EncoderState,
  TargetState,
} from '@posterior/tabular'
import type { TargetTransform } from '../ensemble/target-transform.ts'
import type { ModelRef, ResolvedOptions, Task } from '../job.ts'

/** How one member sees the table. */
export interface MemberState {
  /** Column j of the member is encoded column order[j]. */
  readonly order: readonly number[]
  /** Slot of each class; empty for regression. */
  readonly slots: readonly number[]
  readonly variant: ChannelVariant
  /** Channel states of the columns whose category codes the member permutes: [encoded column, state]. */
  readonly permuted: readonly (readonly [number, ChannelColumnState])[]
  /** Regression: transform of the standardised target, or null. */
  readonly targetTransform: TargetTransform | null
}

export interface ContextState {
  readonly task: Task
  readonly model: ModelRef
  /** Training rows and feature columns as sent. */
  readonly rowCount: number
  readonly columnCount: number
  /** Columns that the model sees. */
  readonly modelColumnCount: number
  readonly options: ResolvedOptions
  readonly encoder: EncoderState
  readonly target: TargetState
  /** Channel statistics by preprocessing, shared by the members that use it. */
  readonly channels: Readonly<Partial<Record<ChannelVariant, ChannelState>>>
  /** None for a regression target that never varied: then there is nothing to ask the model. */
  readonly members: readonly MemberState[]
  /** Regression: borders of the bar distribution. */
  readonly borders: readonly number[]
  readonly warnings: readonly string[]
}

/** Name of the tensor [members, columns, 16] that tells the columns of each member apart. */
export const COLUMN_IDS = 'column_ids'

export interface Context {
  readonly state: ContextState
  /** `column_ids` and the model's `ctx.*`, each with the members along its first dimension. */
  readonly tensors: ReadonlyMap<string, WeightTensor>
}

/** Channel states of all encoded columns for one member. */
export function memberChannels(state: ContextState, member: MemberState): ChannelState {
  const shared = state.channels[member.variant]
  if (!shared) throw new Error(`The context has no channel state for '${member.variant}'.`)
  const columns = [...shared.columns]
  for (const [column, own] of member.permuted) columns[column] = own
  return { ...shared, columns }
}

/** Members `first` to `last` - 1 of a tensor, without copying. */
export function sliceMembers(
  { shape, data }: WeightTensor,
  first: number,
  last: number,
): { data: Float32Array; dims: number[] } {
  const size = data.length / shape[0]!
  return { data: data.subarray(first * size, last * size), dims: [last - first, ...shape.slice(1)] }
}

/**
 * Check that the tensors fit the state.
 *
 * @throws RangeError that names the tensor
 */
export function checkTensors({ state, tensors }: Context): void {
  const members = state.members.length
  if (members === 0) return
  const ids = tensors.get(COLUMN_IDS)
  const expected = [members, state.modelColumnCount, COLUMN_ID_DIM]
  if (ids?.shape.join() !== expected.join()) {
    throw new RangeError(`tensor ${COLUMN_IDS} has shape [${ids?.shape}], expected [${expected}]`)
  }
  for (const [name, { shape }] of tensors) {
    if (shape[0] !== members) throw new RangeError(`tensor ${name} is for ${shape[0]} of ${members} members`)
  }
}
