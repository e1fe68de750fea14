/**
 * The target: classes in the order that the API promises, or numbers standardised to mean 0 and spread 1.
 */
import { retypeStrings } from '../table/infer-column.ts'
import { instantTexts } from '../table/instant-text.ts'
import { type Column, columnLength, countMissing, isMissing } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'
import { type Categories, codesOf, distinctValues, sortLevels } from './categories.ts'
import { checkStateVersion } from './encoder-state.ts'
import { plainMoments } from './trimmed-moments.ts'

export type Task = 'classification' | 'regression'

/** A class label as JSON: text, number (an integer where the column says integer) or boolean. */
export type ClassLabel = string | number | boolean

/**
 * Classes sorted as a client sorts its labels: numbers by size, false before true, text by Unicode code point. Texts
 * that look like numbers stay text when the column is text. Plain JSON.
 */
export interface ClassTargetState {
  version: 1
  task: 'classification'
  name: string
  /** JSON type of the labels; 'datetime' labels are ISO 8601 text in `classes`. */
  labelType: 'integer' | 'float' | 'boolean' | 'string' | 'datetime'
  /** Labels to put on the wire; class index = position. */
  classes: ClassLabel[]
  /** Training rows of each class. */
  counts: number[]
  /** The labels as cells are matched against them. */
  categories: Categories
}

/** y = mean + scale × standardised value. `scale` is 0 for a constant target. Plain JSON. */
export interface RegressionTargetState {
  version: 1
  task: 'regression'
  name: string
  mean: number
  /** Population standard deviation of the training target. */
  scale: number
  min: number
  max: number
}

export type TargetState = ClassTargetState | RegressionTargetState

export interface FitTargetOptions {
  /** Most classes that the model can tell apart. */
  maxClasses?: number
  /** Classes of a target of numbers that there are beside those of the rows; with them the rows may all be of one class. */
  moreClasses?: readonly number[]
}

export function fitTarget(
  column: Column,
  task: 'classification',
  options?: FitTargetOptions,
): ClassTargetState
export function fitTarget(column: Column, task: 'regression'): RegressionTargetState
export function fitTarget(column: Column, task: Task, options?: FitTargetOptions): TargetState
/**
 * Learn the classes, or mean and spread, of the training target.
 *
 * @throws TableError no_rows, target_missing_values; for classification one_class, too_many_classes,
 *   target_not_finite, unsupported_target (integer labels beyond 2^53); for regression target_not_numeric,
 *   target_not_finite
 */
export function fitTarget(column: Column, task: Task, options: FitTargetOptions = {}): TargetState {
  if (columnLength(column) === 0) {
    throw new TableError(
      'no_rows',
      `The target '${column.name}' has no rows. Send at least one labelled row.`,
    )
  }
  refuseMissing(column)
  return task === 'classification' ? fitClasses(column, options) : fitNumbers(column)
}

function refuseMissing(column: Column): void {
  const missing = countMissing(column)
  if (missing === 0) return
  let row = 0
  while (!isMissing(column, row)) row++
  throw new TableError(
    'target_missing_values',
    `The target '${column.name}' is missing in ${missing} of ${columnLength(column)} rows, first in data row ` +
      `${row + 1}. Drop the rows without a label.`,
    { details: { column: column.name, missing, firstRow: row } },
  )
}

function fitClasses(
  column: Column,
  { maxClasses = Number.POSITIVE_INFINITY, moreClasses = [] }: FitTargetOptions,
): ClassTargetState {
  const counts = new Map(distinctValues(column).counts)
  for (const label of moreClasses) if (!counts.has(label)) counts.set(label, 0)
  if (counts.size < 2) {
    throw new TableError(
      'one_class',
      `The target '${column.name}' holds a single class. Classification needs rows of at least two.`,
      { details: { column: column.name } },
    )
  }
  if (counts.size > maxClasses) {
    const hint = column.kind === 'number' ? ' Use regression for a target that is a quantity.' : ''
    throw new TableError(
      'too_many_classes',
      `The target '${column.name}' holds ${counts.size} classes; at most ${maxClasses} are supported.${hint}`,
      { details: { column: column.name, classes: counts.size, maxClasses } },
    )
  }
  const levels = sortLevels(counts.keys())
  if (column.kind === 'number') checkNumberLabels(column.name, levels as number[], column.integer)
  return {
    version: 1,
    task: 'classification',
    name: column.name,
    labelType: column.kind === 'number' ? (column.integer ? 'integer' : 'float') : column.kind,
    classes: column.kind === 'datetime' ? instantTexts(levels as number[]) : levels,
    counts: levels.map((level) => counts.get(level)!),
    categories: { of: column.kind, levels },
  }
}

function checkNumberLabels(name: string, labels: readonly number[], integer: boolean): void {
  if (!labels.every(Number.isFinite)) {
    throw new TableError('target_not_finite', `The target '${name}' holds an infinite value.`, {
      details: { column: name },
    })
  }
  if (integer && labels.some((label) => !Number.isSafeInteger(label))) {
    throw new TableError(
      'unsupported_target',
      `The target '${name}' holds integer labels beyond 2^53, which JSON numbers cannot tell apart. ` +
        'Send them as text.',
      { details: { column: name } },
    )
  }
}

function fitNumbers(column: Column): RegressionTargetState {
  const sorted = toFiniteNumbers(column).slice().sort()
  const { mean, spread } = plainMoments(sorted)
  return {
    version: 1,
    task: 'regression',
    name: column.name,
    mean,
    scale: spread,
    min: sorted[0]!,
    max: sorted[sorted.length - 1]!,
  }
}

function toFiniteNumbers(column: Column): Float64Array {
  const typed = column.kind === 'string' ? retypeStrings(column) : column
  if (typed.kind !== 'number' && typed.kind !== 'boolean') {
    const held = typed.kind === 'string' ? 'text' : 'dates'
    throw new TableError(
      'target_not_numeric',
      `The target '${column.name}' holds ${held}. Regression needs numbers: use classification, or convert it.`,
      { details: { column: column.name } },
    )
  }
  const values = typed.kind === 'number' ? typed.values : Float64Array.from(typed.values)
  // Text marks such as 'NA' turn up as missing only here.
  refuseMissing(typed)
  const row = values.findIndex((value) => !Number.isFinite(value))
  if (row >= 0) {
    throw new TableError(
      'target_not_finite',
      `The target '${column.name}' is infinite in data row ${row + 1}. Regression needs finite numbers.`,
      { details: { column: column.name, row } },
    )
  }
  return values
}

export function encodeTarget(state: ClassTargetState, column: Column): Int32Array
export function encodeTarget(state: RegressionTargetState, column: Column): Float64Array
export function encodeTarget(state: TargetState, column: Column): Int32Array | Float64Array
/**
 * Class indices 0..k-1, or standardised numbers (0 throughout when the training target was constant).
 *
 * @throws TableError target_missing_values, unknown_class, target_not_numeric, target_not_finite, unsupported_state
 */
export function encodeTarget(state: TargetState, column: Column): Int32Array | Float64Array {
  checkStateVersion(state, 'target')
  refuseMissing(column)
  if (state.task === 'regression') {
    const { mean, scale } = state
    return toFiniteNumbers(column).map((value) => (scale > 0 ? (value - mean) / scale : 0))
  }
  const codes = codesOf(state.categories, column)
  const row = codes.findIndex((code) => code < 0)
  if (row >= 0) {
    throw new TableError(
      'unknown_class',
      `The target '${column.name}' holds a class in data row ${row + 1} that the fit did not see.`,
      { details: { column: column.name, row } },
    )
  }
  return codes
}
