/**
 * Group numbers as names. One column says which group a row belongs to, by whole numbers that are dealt anew for each
 * task: groups 3 and 4 are no more alike than 3 and 9, and a brain learns to look only for equal ones. Callers may
 * number their groups 0, 1, 2, ... in any order.
 *
 * A code of bits, one column for each, says the same; a small brain that has to compare five columns at once learns it
 * many times more slowly.
 */

import type { NumericColumn, Random } from '@posterior/tabular'
import { type InContextTask, type PackOptions, type Tensor, tensorOf } from '../studio-prior.ts'

/** The column of group numbers, dealt at random. @param groups a group's number per row, 0..count-1 */
export function groupColumn(
  groups: readonly number[],
  { count, random }: { count: number; random: Random },
): NumericColumn {
  const numbers = random.permutation(count)
  return { name: 'group', values: Float64Array.from(groups, (group) => numbers[group]!), categorical: false }
}

/** The group of each row. */
export function groupsOf(task: InContextTask): Int32Array {
  return Int32Array.from(task.columns[0]!.values)
}

/** Shuffled rows; in half of the tasks one whole group is among the rows to predict, if it fits there. */
export function packGroups(
  sample: Record<string, Tensor>,
  { train, test, count, random }: Pick<PackOptions, 'train' | 'test' | 'random'> & { count: number },
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
    columns: [groupColumn(order.map(groupOf), { count, random })],
    y: Float64Array.from(order, (row) => y[row]!),
    classes: 0,
  }
}
