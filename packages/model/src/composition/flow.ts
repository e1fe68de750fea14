/** What flows from one block to the next, as far as it is known before anything runs. */
import type { ModelTask } from '../config.ts'

export type FlowKind = 'table' | 'grid' | 'cells' | 'rows' | 'columns' | 'numbers' | 'classes' | 'graph'

export interface Flow {
  readonly kind: FlowKind
  /** Numbers in one vector; 0 for a table, a grid and answers. */
  readonly width: number
  /** Columns that callers send; null when any number will do. */
  readonly columns: number | null
  /** `cells` only: whether a cell with the target stands before those of the columns. */
  readonly hasTarget: boolean
  /** `cells` only: whether the cells of a row have read each other. */
  readonly isMixed: boolean
  /** The block that gives it, for messages. */
  readonly from: string
}

/** What each kind is, for messages. */
export const FLOW_NAMES: Readonly<Record<FlowKind, string>> = {
  table: 'the table',
  grid: 'numbers per cell',
  cells: 'one vector per cell',
  rows: 'one vector per row',
  columns: 'one vector per column',
  numbers: 'a distribution per row',
  classes: 'probabilities of classes per row',
  graph: 'a probability per pair of columns',
}

/** The kind of answer that a task needs. */
export const ANSWER_OF: Readonly<Record<ModelTask, FlowKind>> = {
  regression: 'numbers',
  classification: 'classes',
  discovery: 'graph',
}

/**
 * Check the width that a block was configured with against the vectors that reach it.
 *
 * @param given  null: whatever comes
 * @returns the width
 * @throws RangeError that names both
 */
export function agreeOnWidth(name: string, given: number | null, input: Flow): number {
  if (given === null || given === input.width) return input.width
  throw new RangeError(`${name} is ${given}, but ${input.from} gives ${input.width}`)
}

/** @throws RangeError when the heads do not divide the width */
export function checkHeads(heads: number, width: number, name = 'd_model'): void {
  if (width % heads === 0) return
  throw new RangeError(`n_heads must divide ${name}; ${name} is ${width}, n_heads is ${heads}`)
}
