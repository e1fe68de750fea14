import type { Column } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'
import type { Categories } from './categories.ts'
import type { DatetimePart } from './datetime-parts.ts'
import type { TextRanks } from './text-rank.ts'

/** How one column of the training table becomes columns of numbers. Plain JSON. */
export type ColumnEncoding =
  /** Not used: every training cell is the same, or all are missing. */
  | { encoding: 'dropped' }
  /** The number itself. */
  | { encoding: 'number' }
  /** The code of the category; unseen = missing. */
  | { encoding: 'categories'; categories: Categories }
  /** The place in alphabetical order. */
  | { encoding: 'text'; ranks: TextRanks }
  /** One column per part; `origin` in milliseconds since 1970 UTC. */
  | { encoding: 'datetime'; origin: number; parts: DatetimePart[] }

export type EncodedColumn = { name: string; kind: Column['kind'] } & ColumnEncoding

/** What fitEncoder learnt. Plain JSON; survives a round trip exactly. */
export interface EncoderState {
  version: 1
  /** One entry per column of the training table, in its order. `kind` is the kind after retyping text. */
  columns: EncodedColumn[]
}

/** How many numeric columns `encode` makes. */
export function encodedWidth(state: EncoderState): number {
  let width = 0
  for (const column of state.columns) {
    if (column.encoding === 'datetime') width += column.parts.length
    else if (column.encoding !== 'dropped') width++
  }
  return width
}

/** Names of the training columns that the model does not see because they never vary. */
export function droppedColumns(state: EncoderState): string[] {
  return state.columns.filter((column) => column.encoding === 'dropped').map((column) => column.name)
}

/**
 * Refuse a saved state of a version that this program does not know.
 *
 * @throws TableError unsupported_state
 */
export function checkStateVersion(state: { version: number }, what: string): void {
  if (state.version === 1) return
  throw new TableError(
    'unsupported_state',
    `The saved ${what} has version ${state.version}; this program reads version 1. Fit again.`,
    { details: { version: state.version } },
  )
}
