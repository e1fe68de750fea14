/** The two tables of `posterior predict`. */
import { type Column, dropColumns, findColumn, type Table } from '@posterior/tabular'
import type { OptionValues } from '../command.ts'
import { readTableFile } from './table-files.ts'

export interface Tables {
  train: Table
  /** Without the target. */
  test: Table
  /** The test table's own target, when it has one. */
  truth: Column | undefined
}

/** Read --train and --test. @throws CommandError | TableError, also when --train lacks the --target */
export async function readTables(values: OptionValues): Promise<Tables> {
  const target = String(values['target'])
  const train = await readTableFile(String(values['train']))
  findColumn(train, target)
  const test = await readTableFile(String(values['test']))
  const truth = test.columns.find((column) => column.name === target)
  return { train, test: truth ? dropColumns(test, [target]) : test, truth }
}
