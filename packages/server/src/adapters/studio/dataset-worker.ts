/** The program of the worker: reads the one table that it was started with. */
import { parentPort, workerData } from 'node:worker_threads'
import { readTable, splitRows, TableError } from '@posterior/tabular'
import type { DatasetAnswer, DatasetTask } from './worker-dataset-reader.ts'

async function answer({ file, limits, maxSplits }: DatasetTask): Promise<DatasetAnswer> {
  try {
    const table = await readTable(file, limits)
    const splits = splitRows(table, file, maxSplits)
    const left = table.columns.filter(({ name }) => name !== file.target && name !== file.splitColumn)
    if (left.length === 0)
      throw new TableError('no_columns', 'The table has no column beside the target. Send at least one.')
    return {
      facts: {
        numRows: table.rowCount,
        columns: table.columns.map(({ name, kind }) => ({ name, type: kind })),
        splits: splits.map(({ name, rows }) => ({ name, numRows: rows.length })),
      },
    }
  } catch (error) {
    if (!(error instanceof TableError)) throw error
    const { code, message, details } = error
    return { refused: { code, message, details } }
  }
}

parentPort?.postMessage(await answer(workerData as DatasetTask))
