/** Tables of a question, from JSON to numbers. What is wrong is named by row and column. */
import { setImmediate as breathe } from 'node:timers/promises'
import { AppError, invalidField } from '../app-error.ts'
import type { NumberRows } from '../ports/answerer.ts'

/** Sizes that a table may have; checked before memory is taken for it. */
export interface RowLimits {
  maxRows: number
  maxColumns: number
  maxCells: number
}

/** Cells read before others get a turn: about a millisecond of work. */
const CELLS_PER_TURN = 65_536

/**
 * Rows of numbers; a plain list is one column.
 *
 * @param width  cells that each row must have; absent: as many as the first
 * @throws AppError REQUEST_VALIDATION_ERROR, NO_ROWS, LIMIT_EXCEEDED, FEATURE_COUNT_MISMATCH, BAD_VALUE
 */
export async function readRows(
  value: unknown,
  name: string,
  limits: RowLimits,
  width?: number,
): Promise<NumberRows> {
  const given = listOf(value, name, 'a list of rows of numbers')
  const isColumn = !Array.isArray(given[0])
  const columns = width ?? (isColumn ? 1 : (given[0] as unknown[]).length)
  checkSize(name, given.length, columns, limits)
  const values = new Float64Array(given.length * columns)
  let sinceTurn = 0
  for (const [i, item] of given.entries()) {
    const row = rowOf(item, isColumn, `${name}[${i}]`)
    if (row.length !== columns) throw wrongWidth(columns, row.length)
    for (let j = 0; j < columns; j++) {
      values[i * columns + j] = numberOf(row[j], () => (isColumn ? `${name}[${i}]` : `${name}[${i}][${j}]`))
    }
    sinceTurn += columns
    if (sinceTurn >= CELLS_PER_TURN) {
      sinceTurn = 0
      await breathe()
    }
  }
  return { rows: given.length, columns, values }
}

/**
 * A list of numbers.
 *
 * @param cells  `any`: null = missing; `finite`: none may be missing; `whole`: whole numbers that JSON can tell apart
 * @throws AppError REQUEST_VALIDATION_ERROR, NO_ROWS, LIMIT_EXCEEDED, BAD_VALUE
 */
export function readList(
  value: unknown,
  name: string,
  maxRows: number,
  cells: 'any' | 'finite' | 'whole',
): Float64Array {
  const given = listOf(value, name, 'a list of numbers')
  if (given.length > maxRows) throw tooLarge(`The number of values in ${name}`, given.length, maxRows)
  return Float64Array.from(given, (cell, i) => {
    const number = numberOf(cell, () => `${name}[${i}]`)
    if (cells !== 'any' && Number.isNaN(number)) {
      throw badValue(`${name}[${i}]`, 'is missing; every row of the context needs its target')
    }
    if (cells === 'whole' && !Number.isSafeInteger(number)) {
      throw badValue(`${name}[${i}]`, `must be a whole number that stands for a class; got ${number}`)
    }
    return number
  })
}

/** Cells of the first row; a plain list is one column. */
export function widthOfFirst(x: unknown): number {
  const first: unknown = Array.isArray(x) ? x[0] : undefined
  return Array.isArray(first) ? first.length : 1
}

/** The error of a row of the wrong width; programs read the first number out of its text. */
export function wrongWidth(expected: number, received: number): AppError {
  return new AppError('FEATURE_COUNT_MISMATCH', { params: { expected, received } })
}

function listOf(value: unknown, name: string, expected: string): unknown[] {
  if (value === undefined || value === null) throw invalidField(name, `is missing; it must be ${expected}`)
  if (!Array.isArray(value)) throw invalidField(name, `must be ${expected}`)
  if (value.length === 0) {
    const message = `${name} has no rows; at least one must be sent.`
    throw new AppError('NO_ROWS', { message, errors: [{ field: name, message }] })
  }
  return value
}

function rowOf(item: unknown, isColumn: boolean, name: string): unknown[] {
  if (isColumn) {
    if (Array.isArray(item)) throw invalidField(name, 'is a row, and the first entry is a number')
    return [item]
  }
  if (!Array.isArray(item)) throw invalidField(name, 'must be a row of numbers, as the first is')
  return item
}

function checkSize(name: string, rows: number, columns: number, limits: RowLimits): void {
  if (columns === 0) throw invalidField(`${name}[0]`, 'has no cells; at least one must be sent')
  if (rows > limits.maxRows) throw tooLarge(`The number of rows in ${name}`, rows, limits.maxRows)
  if (columns > limits.maxColumns)
    throw tooLarge(`The number of columns in ${name}`, columns, limits.maxColumns)
  if (rows * columns > limits.maxCells) {
    throw tooLarge(`The number of cells in ${name}`, rows * columns, limits.maxCells)
  }
}

/** @throws AppError LIMIT_EXCEEDED */
export function tooLarge(what: string, actual: number, limit: number): AppError {
  return new AppError('LIMIT_EXCEEDED', { params: { what, actual, limit } })
}

function numberOf(cell: unknown, name: () => string): number {
  if (cell === null) return Number.NaN
  if (typeof cell === 'number' && Number.isFinite(cell)) return cell
  const got = typeof cell === 'string' ? JSON.stringify(cell.slice(0, 40)) : describe(cell)
  throw badValue(name(), `must be a number or null; got ${got}`)
}

function describe(cell: unknown): string {
  if (Array.isArray(cell)) return 'a list'
  return typeof cell === 'object' ? 'an object' : String(cell)
}

function badValue(field: string, problem: string): AppError {
  const message = `${field} ${problem}.`
  return new AppError('BAD_VALUE', { message, errors: [{ field, message }] })
}
