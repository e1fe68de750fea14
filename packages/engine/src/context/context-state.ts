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
  PipelineState,
  RidgeColumnsState,
  TargetState,
} from '@posterior/tabular'
import type { TargetTransform } from '../ensemble/target-transform.ts'
import type { ModelRef, ResolvedOptions, Task } from '../job.ts'
import type { Blend } from './blend.ts'

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
  /** Which of the context's preparations the member has; absent: it sees the encoded columns. */
  readonly preparation?: number
}

/** What members make of the encoded columns, and the channel statistics of what comes of it. */
export interface Preparation {
  readonly pipeline: PipelineState
  readonly channels: ChannelState
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
  /** Columns that are added to the encoded ones before members see them. */
  readonly ridge?: RidgeColumnsState
  /** None for a regression target that never varied: then there is nothing to ask the model. */
  readonly members: readonly MemberState[]
  readonly preparations?: readonly Preparation[]
  /**
   * Members whose tensors have one shape, by number. With more than one group the tensors of group g are named `g:` and
   * their name, and stacked in the group's order. Absent: one group of all members.
   */
  readonly groups?: readonly (readonly number[])[]
  /** Regression: borders of the bar distribution. */
  readonly borders: readonly number[]
  readonly warnings: readonly string[]
}

/** What a member needs to know of its ensemble to see a table and to run on it; a context holds more. */
export type EnsembleState = Pick<
  ContextState,
  'task' | 'members' | 'channels' | 'preparations' | 'groups' | 'ridge'
> & {
  readonly options: Pick<ResolvedOptions, 'randomState'>
}

/** An ensemble that has read its labelled rows. */
export interface EnsembleContext {
  readonly state: EnsembleState
  /** As those of a context. */
  readonly tensors: ReadonlyMap<string, WeightTensor>
}

/** Name of the tensor [members, columns, 16] that tells the columns of each member apart. */
export const COLUMN_IDS = 'column_ids'

export interface Context {
  readonly state: ContextState
  /** `column_ids` and the model's `ctx.*`, each with the members along its first dimension. */
  readonly tensors: ReadonlyMap<string, WeightTensor>
  /** What answers together with it, when the fit was a thinking one. */
  readonly blend?: Blend
}

/** Channel states of all encoded columns for one member. */
export function memberChannels(state: EnsembleState, member: MemberState): ChannelState {
  const shared =
    member.preparation === undefined ? state.channels[member.variant] : preparationOf(state, member)?.channels
  if (!shared) throw new Error(`The context has no channel state for '${member.variant}'.`)
  const columns = [...shared.columns]
  for (const [column, own] of member.permuted) columns[column] = own
  return { ...shared, columns }
}

/** The preparation of a member; undefined for one that sees the encoded columns. */
export function preparationOf(state: EnsembleState, member: MemberState): Preparation | undefined {
  if (member.preparation === undefined) return undefined
  const found = state.preparations?.[member.preparation]
  if (!found) throw new Error(`The context has no preparation ${member.preparation}.`)
  return found
}

/** A group of members and its tensors, by their names in the graphs. */
export interface MemberGroup {
  readonly members: readonly number[]
  readonly tensors: ReadonlyMap<string, WeightTensor>
}

/** Members by group: those of the state, else one group of all. */
export function groupsOf({ groups, members }: EnsembleState): readonly (readonly number[])[] {
  return groups ?? [members.map((_, k) => k)]
}

/** Name under which a context keeps a tensor of group g. */
export function tensorName(state: EnsembleState, group: number, name: string): string {
  return state.groups ? `${group}:${name}` : name
}

/** The groups of a context with their tensors. */
export function memberGroups({ state, tensors }: EnsembleContext): MemberGroup[] {
  return groupsOf(state).map((members, g) => {
    const prefix = tensorName(state, g, '')
    const own = [...tensors].filter(([name]) => name.startsWith(prefix))
    return { members, tensors: new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor])) }
  })
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
export function checkTensors(context: Context): void {
  const { state } = context
  if (state.members.length === 0) return
  for (const { members, tensors } of memberGroups(context)) {
    const ids = tensors.get(COLUMN_IDS)
    const first = state.members[members[0]!]!
    const width = first.preparation === undefined ? state.modelColumnCount : first.order.length
    const expected = [members.length, width, COLUMN_ID_DIM]
    if (ids?.shape.join() !== expected.join()) {
      throw new RangeError(`tensor ${COLUMN_IDS} has shape [${ids?.shape}], expected [${expected}]`)
    }
    for (const [name, { shape }] of tensors) {
      if (shape[0] !== members.length) {
        throw new RangeError(`tensor ${name} is for ${shape[0]} of ${members.length} members`)
      }
    }
  }
}
