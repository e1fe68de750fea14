/** Tables as a question of the Predict API, and its answer as a table. A brain takes numbers alone, in rows of one width. */
import { type Column, cellValue, type Table } from '@posterior/tabular'
import { CommandError } from '../command.ts'

/** The labelled rows and the rows to answer. */
export interface BrainTables {
  /** With the target. */
  train: Table
  /** Without it. */
  test: Table
  target: Column
}

export interface BrainQuestion {
  body: Record<string, unknown>
  /** What the class numbers of the question stand for; null when the target is a number. */
  labels: readonly (string | number | boolean)[] | null
}

/** What a Predict call answers, as far as tables show it. */
export interface BrainAnswer {
  predictions: number[]
  classes?: number[]
  probabilities?: number[][]
  quantiles?: Record<string, number[]>
  warnings: string[]
}

/**
 * The question that these tables ask. A table of the target alone is a series, to be continued for as many steps as the
 * other table has rows.
 *
 * @throws CommandError for columns that do not match, or that hold no numbers
 */
export function brainQuestion({ train, test, target }: BrainTables, isClasses: boolean): BrainQuestion {
  const features = train.columns.filter(({ name }) => name !== target.name)
  if (features.length === 0) {
    return { body: { context: { y: numbersOf(target) }, horizon: test.rowCount }, labels: null }
  }
  const query = matched(features, test)
  const rows = (columns: readonly Column[], count: number) => {
    const numbers = columns.map(numbersOf)
    return Array.from({ length: count }, (_, i) => numbers.map((column) => column[i] ?? null))
  }
  const x = rows(features, train.rowCount)
  const asked = { query: { x: rows(query, test.rowCount) } }
  if (!isClasses) return { body: { context: { x, y: numbersOf(target) }, ...asked }, labels: null }
  const { labels, numbers } = classNumbers(target, train.rowCount)
  return { body: { context: { x, labels: numbers }, ...asked }, labels }
}

/** The columns of the other table, in the order of the first: by name, or by position when the names differ. */
function matched(features: readonly Column[], { columns }: Table): readonly Column[] {
  const byName = features.map(({ name }) => columns.find((column) => column.name === name))
  const found = byName.filter((column) => column !== undefined)
  if (found.length === features.length) return found
  if (found.length === 0 && columns.length === features.length) return columns
  const missing = features.filter((_, i) => !byName[i]).map(({ name }) => `'${name}'`)
  throw new CommandError(`The test table lacks ${missing.join(', ')}, which the training table has.`)
}

/** null for what is missing. */
function numbersOf(column: Column): (number | null)[] {
  if (column.kind === 'number')
    return Array.from(column.values, (value) => (Number.isNaN(value) ? null : value))
  if (column.kind !== 'boolean') {
    const what = column.kind === 'string' ? 'text' : 'dates'
    throw new CommandError(
      `The column '${column.name}' holds ${what}, and brains take numbers alone. Code it as numbers.`,
    )
  }
  return Array.from(column.values, (_, i) => {
    const value = cellValue(column, i)
    return value === null ? null : Number(value)
  })
}

/** Whole numbers stand for themselves; other labels are counted in their order. */
function classNumbers(target: Column, rowCount: number) {
  const cells = Array.from({ length: rowCount }, (_, i) => cellValue(target, i))
  const missing = cells.findIndex((cell) => cell === null || Number.isNaN(cell))
  if (missing >= 0) throw new CommandError(`The target '${target.name}' is missing in row ${missing + 1}.`)
  const values = cells as (string | number | boolean)[]
  if (values.every(Number.isInteger)) {
    const labels = [...new Set(values as number[])].sort((a, b) => a - b)
    return { labels, numbers: values as number[] }
  }
  const labels = [...new Set(values)].sort((a, b) => (a < b ? -1 : 1))
  return { labels, numbers: values.map((value) => labels.indexOf(value)) }
}

/** The labels that the classes of the answer stand for, in their order. */
export function labelsOf(
  { classes = [] }: BrainAnswer,
  labels: readonly (string | number | boolean)[],
): (string | number | boolean)[] {
  return classes.map((number) => (labels.every(Number.isInteger) ? number : labels[number]!))
}
