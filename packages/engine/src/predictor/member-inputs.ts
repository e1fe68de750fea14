/** From encoded columns and a member's state to what the graphs read; float64 becomes float32 here and nowhere else. */
import { CLASS_SLOTS } from '@posterior/model'
import { CELL_CHANNELS, type ChannelState, cellChannels, type NumericColumn } from '@posterior/tabular'
import type { MemberState } from '../context/context-state.ts'
import { applyTargetTransform } from '../ensemble/target-transform.ts'
import type { TensorValue } from '../runtime/onnx.ts'

/** A member and its channel states in the order of the encoded columns. */
export interface MemberView {
  readonly state: MemberState
  readonly channels: ChannelState
}

/** Cell channels of some members, [members, rows, columns, 4], each in its own column order. */
export function cellTensor(members: readonly MemberView[], columns: readonly NumericColumn[]): TensorValue {
  const rows = columns[0]!.values.length
  const size = rows * columns.length * CELL_CHANNELS
  const data = new Float32Array(members.length * size)
  members.forEach(({ state, channels }, k) => {
    cellChannels(channels, columns, { order: state.order, out: data, offset: k * size })
  })
  return { data, dims: [members.length, rows, columns.length, CELL_CHANNELS] }
}

/** The classes of the labelled rows as one-hot slots of each member, [members, rows, 64]. */
export function classTensor(members: readonly MemberView[], classes: Int32Array): TensorValue {
  const rows = classes.length
  const data = new Float32Array(members.length * rows * CLASS_SLOTS)
  members.forEach(({ state }, k) => {
    for (let row = 0; row < rows; row++)
      data[(k * rows + row) * CLASS_SLOTS + state.slots[classes[row]!]!] = 1
  })
  return { data, dims: [members.length, rows, CLASS_SLOTS] }
}

/** The standardised target, transformed where the member does so, [members, rows, 1]. */
export function targetTensor(members: readonly MemberView[], target: Float64Array): TensorValue {
  const rows = target.length
  const data = new Float32Array(members.length * rows)
  members.forEach(({ state: { targetTransform } }, k) => {
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
