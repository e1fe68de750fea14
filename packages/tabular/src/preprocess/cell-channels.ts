/**
 * The four numbers that the model sees of every cell, from statistics of the training rows alone:
 *
 *   z      standardised, softly limited to (-5, 5) by 5 tanh(z / 5); 0 when missing
 *   rank   mid-rank among the training values, 0..1; 0.5 when missing
 *   miss   1 when the cell is missing
 *   cat    1 when the column is categorical (z and rank then come from the code)
 *
 * Mean and spread are those of the values within 4 standard deviations, found again until none falls outside, so
 * one wild value does not flatten the rest; the tanh is the clip. ±Infinity is an outlier like any other: it stays
 * out of mean and spread, gets z = ±5 and ranks first or last. A column without spread has z = 0.
 *
 * Ranks are read off knots (see `rank-knots.ts`). The variant 'quantile' takes z from the normal score of the rank.
 */
import type { NumericColumn } from '../table/numeric-table.ts'
import { TableError } from '../table/table-error.ts'
import { normalQuantile } from './normal-quantile.ts'
import { clampInfinite, doubledRank, findKnots } from './rank-knots.ts'
import { trimmedMoments } from './trimmed-moments.ts'

/** Numbers per cell: z, rank, missing, categorical. */
export const CELL_CHANNELS = 4

export type ChannelVariant = 'standard' | 'quantile'

/** What the fit remembers of one column. Plain JSON. */
export interface ChannelColumnState {
  categorical: boolean
  /** Training values that were not missing. */
  count: number
  /** Increasing distinct training values, ±Infinity written as ±Number.MAX_VALUE. */
  knots: number[]
  /** Twice the mid-rank of each knot, in rows: 2 × (values below) + (values equal). A whole number. */
  ranks: number[]
  /** z = (v - center) / scale, where v is the value, or its normal score for 'quantile'; scale 0 = no spread. */
  center: number
  scale: number
  /** New code of each category code, when the member permutes them. */
  permutation?: number[]
}

/** Plain JSON; survives a round trip exactly. */
export interface ChannelState {
  version: 1
  variant: ChannelVariant
  columns: ChannelColumnState[]
}

export interface FitChannelsOptions {
  variant?: ChannelVariant
  /** Leading rows that are training rows; default all. */
  fitRows?: number
  /** Per column: new code of each category code (a permutation of 0..k-1), or null to leave the column as it is. */
  categoryPermutations?: readonly (ArrayLike<number> | null)[]
}

export interface CellChannelsOptions {
  /** Column order of the output: output column j is input column order[j]. Default 0..cols-1. May be a subset. */
  order?: ArrayLike<number>
  /** Write into this array from `offset` on instead of a new one. */
  out?: Float32Array
  offset?: number
}

const LIMIT = 5

/**
 * Learn the channel statistics of each column from its training rows.
 *
 * @param columns numeric columns of one length; NaN = missing
 */
export function fitChannels(
  columns: readonly NumericColumn[],
  options: FitChannelsOptions = {},
): ChannelState {
  const variant = options.variant ?? 'standard'
  const rows = columns[0]?.values.length ?? 0
  const fitRows = options.fitRows ?? rows
  if (!(Number.isInteger(fitRows) && fitRows >= 0 && fitRows <= rows)) {
    throw new RangeError(`fitRows is ${fitRows}; it must be a whole number from 0 to ${rows}.`)
  }
  const scratch = new Float64Array(fitRows)
  return {
    version: 1,
    variant,
    columns: columns.map((column, j) =>
      fitColumn(column, variant, options.categoryPermutations?.[j] ?? null, scratch),
    ),
  }
}

function fitColumn(
  column: NumericColumn,
  variant: ChannelVariant,
  permutation: ArrayLike<number> | null,
  scratch: Float64Array,
): ChannelColumnState {
  const { values } = column
  const rows = scratch.length
  let count = 0
  for (let i = 0; i < rows; i++) {
    let x = values[i]!
    if (permutation) x = permutation[x] ?? Number.NaN
    // -0 becomes 0, which JSON can hold.
    if (!Number.isNaN(x)) scratch[count++] = clampInfinite(x) + 0
  }
  const sorted = scratch.subarray(0, count).sort()
  const { knots, ranks } = findKnots(sorted)
  const moments = variant === 'standard' ? trimmedMoments(sorted) : scoreMoments(sorted)
  const state: ChannelColumnState = {
    categorical: column.categorical,
    count,
    knots,
    ranks,
    center: moments.mean,
    scale: moments.spread,
  }
  if (permutation) state.permutation = Array.from(permutation)
  return state
}

/** Mean and population standard deviation of the training values' normal scores. */
function scoreMoments(sorted: Float64Array): { mean: number; spread: number } {
  const count = sorted.length
  let sum = 0
  let squares = 0
  for (let start = 0; start < count; ) {
    const value = sorted[start]!
    let end = start + 1
    while (end < count && sorted[end] === value) end++
    const score = normalScore((start + end) / (2 * count), count)
    sum += score * (end - start)
    squares += score * score * (end - start)
    start = end
  }
  if (count === 0 || sorted[0] === sorted[count - 1]) return { mean: 0, spread: 0 }
  const mean = sum / count
  return { mean, spread: Math.sqrt(Math.max(0, squares / count - mean * mean)) }
}

/** Normal quantile of a rank; ranks 0 and 1 (beyond the training values) count as a quarter of a row inside. */
function normalScore(rank: number, count: number): number {
  const edge = 0.25 / count
  return normalQuantile(Math.min(1 - edge, Math.max(edge, rank)))
}

/**
 * The four channels of every cell, float32, row-major, shape [rows, order.length, 4].
 *
 * @param columns the same columns, in the same order, as given to fitChannels
 * @throws TableError wrong_columns when their number differs
 * @throws RangeError when `out` is too short or `order` names a column that is not there
 */
export function cellChannels(
  state: ChannelState,
  columns: readonly NumericColumn[],
  options: CellChannelsOptions = {},
): Float32Array {
  if (state.columns.length !== columns.length) {
    throw new TableError(
      'wrong_columns',
      `The fit saw ${state.columns.length} columns, this table has ${columns.length}. Send the same columns.`,
      { details: { expected: state.columns.length, received: columns.length } },
    )
  }
  const rows = columns[0]?.values.length ?? 0
  const width = options.order?.length ?? columns.length
  const offset = options.offset ?? 0
  const needed = rows * width * CELL_CHANNELS
  const out = options.out ?? new Float32Array(offset + needed)
  if (out.length < offset + needed) {
    throw new RangeError(`The output holds ${out.length} numbers; ${offset + needed} are needed.`)
  }
  for (let j = 0; j < width; j++) {
    const source = options.order ? options.order[j]! : j
    const column = columns[source]
    const columnState = state.columns[source]
    if (!column || !columnState) {
      throw new RangeError(`The order names column ${source} of ${columns.length}.`)
    }
    if (column.values.length !== rows) {
      throw new RangeError(`Column '${column.name}' has ${column.values.length} rows, the first has ${rows}.`)
    }
    writeColumn(
      columnState,
      state.variant,
      column.values,
      out,
      offset + j * CELL_CHANNELS,
      width * CELL_CHANNELS,
    )
  }
  return out
}

function writeColumn(
  state: ChannelColumnState,
  variant: ChannelVariant,
  values: Float64Array,
  out: Float32Array,
  start: number,
  stride: number,
): void {
  const knots = new Float64Array(state.knots)
  const ranks = new Float64Array(state.ranks)
  const { center, count } = state
  const hasSpread = state.scale > 0
  const scale = hasSpread ? state.scale : 1
  const cat = state.categorical ? 1 : 0
  const permutation = state.permutation ?? null
  const rankUnit = count > 0 ? 1 / (2 * count) : 0
  const quantile = variant === 'quantile'
  for (let i = 0, at = start; i < values.length; i++, at += stride) {
    let x = values[i]!
    if (permutation) x = permutation[x] ?? Number.NaN
    out[at + 3] = cat
    if (Number.isNaN(x)) {
      out[at] = 0
      out[at + 1] = 0.5
      out[at + 2] = 1
      continue
    }
    const rank = count > 0 ? doubledRank(knots, ranks, x, 2 * count) * rankUnit : 0.5
    out[at + 1] = rank
    out[at + 2] = 0
    if (hasSpread) {
      const v = quantile ? normalScore(rank, count) : x
      out[at] = LIMIT * Math.tanh((v - center) / scale / LIMIT)
    } else {
      out[at] = 0
    }
  }
}
