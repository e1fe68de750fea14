/**
 * Rows of a caller as the rows that a brain was trained on: group numbers become codes, the column of coin flips nothing.
 * Neither the order of the context nor the other rows of the query change a row.
 */
import type { BrainInputs } from '@posterior/contracts'
import { groupColumns } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { invalidField } from '../app-error.ts'
import type { NumberRows } from '../ports/answerer.ts'
import { readList, readRows } from './number-rows.ts'
import { type Asked, lengthMismatch, type RowsQuestion } from './read-question.ts'

const NEW_GROUP = 'new'

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
 * Replace the group of each row by its code. All groups that the context does not have share one code: to a row it only
 * matters that its group is new.
 *
 * @param question  whose first column is the group
 * @param seed      of the codes
 * @throws AppError REQUEST_VALIDATION_ERROR for a group that is missing, or for more groups than there are codes
 */
export function readGroups(question: RowsQuestion, inputs: BrainInputs, seed: number): RowsQuestion {
  const bits = inputs.model_columns[1]
  const context = groupsOf(question.x, 'context.x')
  const query = groupsOf(question.query, 'query.x')
  const known = [...new Set(context)].sort((a, b) => a - b)
  const placeOf = new Map(known.map((group, place) => [group, place]))
  const hasNew = query.some((group) => !placeOf.has(group))
  const needed = known.length + (hasNew ? 1 : 0)
  if (needed > 2 ** bits) {
    const rest = hasNew ? ', and one is kept for groups that only the query has' : ''
    throw invalidField('context.x', `has ${known.length} groups; this brain tells ${2 ** bits} apart${rest}`)
  }
  const named = hasNew ? [...known, NEW_GROUP] : known
  const columns = groupColumns(named, { bits, random: Random.fromSeed('group codes', seed) })
  const coded = (groups: Float64Array): NumberRows => {
    const values = new Float64Array(groups.length * bits)
    for (const [row, group] of groups.entries()) {
      const place = placeOf.get(group) ?? known.length
      for (let k = 0; k < bits; k++) values[row * bits + k] = columns[k]!.values[place]!
    }
    return { rows: groups.length, columns: bits, values }
  }
  const isNumbered = question.x.columns > 1
  const note = 'The second column, the number within the group, tells nothing and was not used.'
  return { ...question, x: coded(context), query: coded(query), ...(isNumbered && { notes: [note] }) }
}

function groupsOf({ rows, columns, values }: NumberRows, name: string): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const group = values[row * columns]!
    if (!Number.isNaN(group)) return group
    throw invalidField(`${name}[${row}][0]`, 'is missing; every row needs the number of its group')
  })
}
