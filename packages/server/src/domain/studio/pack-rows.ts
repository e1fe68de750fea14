/**
 * Rows of a caller as the rows that a brain was trained on: group numbers become numbers dealt anew, the column of coin flips nothing.
 * Neither the order of the context nor the other rows of the query change a row.
 */
import type { BrainInputs } from '@posterior/contracts'
import { Random } from '@posterior/tabular'
import { invalidField } from '../app-error.ts'
import type { NumberRows } from '../ports/answerer.ts'
import { readList, readRows } from './number-rows.ts'
import { type Asked, lengthMismatch, type RowsQuestion } from './read-question.ts'

/**
 * Outcomes of flips, as `labels` or as one column of `context.x` without them. What the column says beside labels tells
 * nothing: the model gets a constant, as in half of its training.
 *
 * @throws AppError as `readQuestion`
 */
export async function readFlips({ context, query, limits }: Asked): Promise<RowsQuestion> {
  const { x, labels, y } = context
  if (y !== undefined && y !== null) {
    throw invalidField('context.y', 'is not what flips are sent as; send context.labels')
  }
  const hasLabels = labels !== undefined && labels !== null
  const column = x === undefined || x === null ? undefined : await readRows(x, 'context.x', limits.context, 1)
  const outcomes =
    hasLabels || !column
      ? readList(labels, 'context.labels', limits.context.maxRows, 'whole')
      : wholeColumn(column)
  if (column && column.rows !== outcomes.length) throw lengthMismatch('context.labels')
  const rows = await readRows(query['x'], 'query.x', limits.query(outcomes.length), 1)
  return {
    kind: 'rows',
    task: 'classification',
    x: constantColumn(outcomes.length),
    y: outcomes,
    query: constantColumn(rows.rows),
  }
}

function wholeColumn({ values }: NumberRows): Float64Array {
  const at = values.findIndex((value) => !Number.isSafeInteger(value))
  if (at < 0) return values
  throw invalidField(
    `context.x[${at}]`,
    'must be a whole number that stands for an outcome, where there are no context.labels',
  )
}

function constantColumn(rows: number): NumberRows {
  return { rows, columns: 1, values: new Float64Array(rows) }
}

/**
 * Replace the group of each row by a number between 0 and the count of groups. All groups that the context does not have
 * share one number, which is kept for them: to a row it only matters that its group is new.
 *
 * @param question  whose first column is the group
 * @param seed      of the numbers
 * @throws AppError REQUEST_VALIDATION_ERROR for a group that is missing
 */
export function readGroups(question: RowsQuestion, inputs: BrainInputs, seed: number): RowsQuestion {
  const context = groupsOf(question.x, 'context.x')
  const query = groupsOf(question.query, 'query.x')
  const known = [...new Set(context)].sort((a, b) => a - b)
  const placeOf = new Map(known.map((group, place) => [group, place]))
  const numbers = Random.fromSeed('group numbers', seed).permutation(known.length + 1)
  const numbered = (groups: Float64Array): NumberRows => {
    const values = groups.map((group) => numbers[placeOf.get(group) ?? known.length]!)
    return { rows: groups.length, columns: 1, values }
  }
  return {
    ...question,
    x: numbered(context),
    query: numbered(query),
    notes: notesOnGroups(question.x.columns, known.length, inputs.groups),
  }
}

function notesOnGroups(columns: number, groups: number, trained: number | null): string[] {
  const notes: string[] = []
  if (columns > 1)
    notes.push('The second column, the number within the group, tells nothing and was not used.')
  if (trained !== null && groups > trained) {
    notes.push(`The brain was trained with at most ${trained} groups; this context has ${groups}.`)
  }
  return notes
}

function groupsOf({ rows, columns, values }: NumberRows, name: string): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const group = values[row * columns]!
    if (!Number.isNaN(group)) return group
    throw invalidField(`${name}[${row}][0]`, 'is missing; every row needs the number of its group')
  })
}
