/**
 * Group numbers as identity codes. A raw number would say that groups 3 and 4 are alike; here every group gets a code of
 * bits, one column per bit, drawn anew for each task, and two groups are equal only when all their bits are.
 */

import type { NumericColumn, Random } from '@posterior/tabular'
import { PriorError } from '../prior-error.ts'
import { type InContextTask, type PackOptions, type Tensor, tensorOf } from '../studio-prior.ts'

/** Bits that give each of `groups` groups a code of its own; at least 1. */
export function groupBits(groups: number): number {
  return Math.max(1, Math.ceil(Math.log2(groups)))
}

/**
 * One column for each bit of the groups' codes.
 *
 * @param groups a group's number or name per row, in any order
 * @throws PriorError when there are more groups than codes
 */
export function groupColumns(
  groups: ArrayLike<number | string>,
  { bits, random }: { bits: number; random: Random },
): NumericColumn[] {
  const codes = random.permutation(2 ** bits)
  const codeOf = new Map<number | string, number>()
  const columns: NumericColumn[] = Array.from({ length: bits }, (_, k) => ({
    name: `group_bit_${k + 1}`,
    values: new Float64Array(groups.length),
    categorical: false,
  }))
  for (let i = 0; i < groups.length; i++) {
    let code = codeOf.get(groups[i]!)
    if (code === undefined) {
      if (codeOf.size === codes.length) {
        throw new PriorError(
          `The rows have more than ${codes.length} groups, and this model tells ${codes.length} apart. Send fewer groups.`,
        )
      }
      code = codes[codeOf.size]!
      codeOf.set(groups[i]!, code)
    }
    for (let k = 0; k < bits; k++) columns[k]!.values[i] = (code >> k) & 1
  }
  return columns
}

/** The group of each row, read back from its code. */
export function groupsOf(task: InContextTask): Int32Array {
  const groups = new Int32Array(task.y.length)
  for (const [k, column] of task.columns.entries()) {
    for (let i = 0; i < groups.length; i++) groups[i]! |= column.values[i]! << k
  }
  return groups
}

/** Shuffled rows; in half of the tasks one whole group is among the rows to predict, if it fits there. */
export function packGroups(
  sample: Record<string, Tensor>,
  { train, test, bits, random }: Pick<PackOptions, 'train' | 'test' | 'random'> & { bits: number },
): InContextTask {
  const x = tensorOf(sample, 'X')
  const y = tensorOf(sample, 'y').data
  let order = Array.from(random.permutation(y.length))
  const groupOf = (row: number) => x.data[2 * row]!
  if (random.bool()) {
    const heldOut = groupOf(order[0]!)
    const rest = order.filter((row) => groupOf(row) !== heldOut)
    if (rest.length >= train) order = [...rest, ...order.filter((row) => groupOf(row) === heldOut)]
  }
  return {
    task: 'regression',
    train,
    test,
    columns: groupColumns(order.map(groupOf), { bits, random }),
    y: Float64Array.from(order, (row) => y[row]!),
    classes: 0,
  }
}
