/**
 * The table of a dataset as numbers: rows to learn from and rows to ask for, by its splits. How columns become numbers is
 * learned from the rows of `train` alone.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  dropColumns,
  encode,
  encodeTarget,
  findColumn,
  fitEncoder,
  fitTarget,
  readTable,
  splitRows,
  type Table,
  type Task,
  takeRows,
} from '@posterior/tabular'
import { EvalSkipped } from './score.ts'

/** A version of a dataset as an eval needs it: JSON, kept with the plan of its run. */
export interface StoredTable {
  /** `registry:SLUG@VERSION`. */
  readonly key: string
  /** Of the file, hex; it has this name in the folder of tables. */
  readonly sha256: string
  readonly format: 'csv' | 'parquet'
  readonly target: string
  readonly splitColumn: string | null
  /** Rows that are asked for. */
  readonly split: string
}

export interface NumberTable {
  readonly task: Task
  /** `columns[j][i]` is row i; NaN = missing. */
  readonly columns: readonly Float64Array[]
  /** Class 0, 1, ... or the target, in its unit. */
  readonly y: Float64Array
  /** How many; 0 for numbers. */
  readonly classes: number
  readonly train: readonly number[]
  readonly asked: readonly number[]
}

/** Targets of an eval that says neither are classes when they have at most so many values. */
const MOST_CLASSES = 20

/**
 * @param folder where tables are; undefined where there are none
 * @param task  of the eval, in its words
 * @throws EvalSkipped, TableError
 */
export async function readStoredTable(
  stored: StoredTable,
  folder: string | undefined,
  task: string,
): Promise<NumberTable> {
  const { key, sha256, format, target, splitColumn, split } = stored
  if (split === 'train' || split === 'full') {
    throw new EvalSkipped(
      `It asks for the split "${split}" of ${key}, whose rows the brain learns from. Ask for another one.`,
    )
  }
  const path = folder && join(folder, sha256)
  const bytes = path && (await readFile(path).catch(() => undefined))
  if (!path || !bytes)
    throw new EvalSkipped(`The table of ${key} is not here any more. Store the dataset again.`)
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new EvalSkipped(`The table of ${key} is damaged: it has another hash than ${sha256}.`)
  }
  const table = await readTable({ path, format })
  const splits = splitRows(table, { target, splitColumn })
  const rowsOf = (name: string) => splits.find((each) => each.name === name)?.rows
  const [train, asked] = [rowsOf('train'), rowsOf(split)]
  if (!train || !asked) {
    const known = splits.map(({ name }) => name).join(', ')
    throw new EvalSkipped(`${key} has no split "${split}"; it has ${known}.`)
  }
  return { ...numbersOf(table, stored, { train, task }), train: [...train], asked: [...asked] }
}

function numbersOf(
  table: Table,
  { target, splitColumn }: StoredTable,
  { train, task: said }: { train: Int32Array; task: string },
): Omit<NumberTable, 'train' | 'asked'> {
  const names = [target, ...(splitColumn === null ? [] : [splitColumn])]
  const features = dropColumns(table, names)
  const state = fitEncoder(takeRows(features, train))
  const columns = encode(state, features).columns.map(({ values }) => values)
  const labels = findColumn(table, target)
  const task = taskOf(said, labels)
  const learned = takeRows(table, train)
  const targetState = fitTarget(findColumn(learned, target), task)
  if (targetState.task === 'classification') {
    const y = Float64Array.from(encodeTarget(targetState, labels))
    return { task, columns, y, classes: targetState.classes.length }
  }
  const { mean, scale } = targetState
  const y = encodeTarget(targetState, labels).map((value) => mean + scale * value)
  return { task, columns, y, classes: 0 }
}

/** What the eval says, else what its target looks like. */
function taskOf(said: string, labels: Table['columns'][number]): Task {
  if (said === 'classification' || said === 'regression') return said
  if (labels.kind !== 'number') return 'classification'
  const isClass = labels.values.every(Number.isInteger) && new Set(labels.values).size <= MOST_CLASSES
  return isClass ? 'classification' : 'regression'
}
