/** From encoded columns and a member's state to what the graphs read; float64 becomes float32 here and nowhere else. */
import { CLASS_SLOTS } from '@posterior/model'
import {
  applyPipeline,
  CELL_CHANNELS,
  type ChannelState,
  cellChannels,
  type NumericColumn,
} from '@posterior/tabular'
import {
  type EnsembleState,
  type MemberState,
  memberChannels,
  preparationOf,
} from '../context/context-state.ts'
import { applyTargetTransform } from '../ensemble/target-transform.ts'
import type { TensorValue } from '../runtime/onnx.ts'

/** A member, its channel states in the order of its columns, and the rows that it sees. */
export interface MemberView {
  readonly state: MemberState
  readonly channels: ChannelState
  /** Its columns: the encoded ones, or what its pipeline makes of them. Equally many rows and columns in all members. */
  readonly columns: readonly NumericColumn[]
}

/** Cell channels of some members, [members, rows, columns, 4], each in its own column order. */
export function cellTensor(members: readonly MemberView[]): TensorValue {
  const { columns } = members[0]!
  const rows = columns[0]!.values.length
  const size = rows * columns.length * CELL_CHANNELS
  const data = new Float32Array(members.length * size)
  members.forEach(({ state, channels, columns: own }, k) => {
    cellChannels(channels, own, { order: state.order, out: data, offset: k * size })
  })
  return { data, dims: [members.length, rows, columns.length, CELL_CHANNELS] }
}

/**
 * The view of one member on some rows.
 *
 * @param columns     encoded
 * @param isTraining  whether these are the rows that the member learned from
 */
export function memberView(
  context: EnsembleState,
  member: number,
  columns: readonly NumericColumn[],
  { isTraining, known }: { isTraining: boolean; known?: Map<number, readonly NumericColumn[]> },
): MemberView {
  const state = context.members[member]!
  const channels = memberChannels(context, state)
  const preparation = preparationOf(context, state)
  if (!preparation) return { state, channels, columns }
  // Members that share a preparation share its columns too.
  const own = known?.get(state.preparation!) ?? applyPipeline(preparation.pipeline, columns, { isTraining })
  known?.set(state.preparation!, own)
  return { state, channels, columns: own }
}

/** Labels of some rows, which may repeat; null = all. */
export function takeLabels(labels: Int32Array, rows: Int32Array | null): Int32Array
export function takeLabels(labels: Float64Array, rows: Int32Array | null): Float64Array
export function takeLabels(labels: Int32Array | Float64Array, rows: Int32Array | null) {
  if (!rows) return labels
  if (labels instanceof Int32Array) return rows.map((row) => labels[row]!)
  return Float64Array.from(rows, (row) => labels[row]!)
}

/** The classes of each member's labelled rows as one-hot slots, [members, rows, 64]. */
export function classTensor(members: readonly MemberView[], labels: readonly Int32Array[]): TensorValue {
  const rows = labels[0]!.length
  const data = new Float32Array(members.length * rows * CLASS_SLOTS)
  members.forEach(({ state }, k) => {
    const classes = labels[k]!
    for (let row = 0; row < rows; row++)
      data[(k * rows + row) * CLASS_SLOTS + state.slots[classes[row]!]!] = 1
  })
  return { data, dims: [members.length, rows, CLASS_SLOTS] }
}

/** Each member's standardised target, transformed where the member does so, [members, rows, 1]. */
export function targetTensor(members: readonly MemberView[], labels: readonly Float64Array[]): TensorValue {
  const rows = labels[0]!.length
  const data = new Float32Array(members.length * rows)
  members.forEach(({ state: { targetTransform } }, k) => {
    const target = labels[k]!
    for (let row = 0; row < rows; row++) {
      const y = target[row]!
      data[k * rows + row] = targetTransform ? applyTargetTransform(targetTransform, y) : y
    }
  })
  return { data, dims: [members.length, rows, 1] }
}

/** Rows `first` to `last` - 1 of every column, without copying. */
export function sliceRows(columns: readonly NumericColumn[], first: number, last: number): NumericColumn[] {
  return columns.map((column) => ({ ...column, values: column.values.subarray(first, last) }))
}
