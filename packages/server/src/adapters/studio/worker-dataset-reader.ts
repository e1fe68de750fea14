import { Worker } from 'node:worker_threads'
import { type DatasetFacts, MAX_DATASET_SPLITS, MAX_DATASET_TABLE } from '@posterior/contracts'
import { TableError, type TableErrorCode, type TableLimits } from '@posterior/tabular'
import { AppError } from '../../domain/app-error.ts'
import type { DatasetFile, DatasetReader } from '../../domain/ports/tables.ts'
import { translateError } from '../engine/translate-error.ts'
import { Turns } from '../training/turns.ts'

/** Longest time that a table is read. */
const LIMIT_MS = 60_000

/** A table has 2 million cells at most; texts take some times their bytes. */
const HEAP_MB = 512

/** What the worker is started with; it imports little, for it begins anew with each table. */
export interface DatasetTask {
  file: DatasetFile
  limits: TableLimits
  maxSplits: number
}

const LIMITS: TableLimits = {
  maxRows: MAX_DATASET_TABLE.rows,
  maxColumns: MAX_DATASET_TABLE.columns,
  maxCells: MAX_DATASET_TABLE.cells,
  maxTextBytes: MAX_DATASET_TABLE.text_bytes,
}

/** What the worker says at its end. */
export type DatasetAnswer =
  | { facts: DatasetFacts }
  | { refused: { code: TableErrorCode; message: string; details: Record<string, unknown> } }

/** Reads tables of datasets in a worker thread, one at a time, so that requests are answered meanwhile. */
export class WorkerDatasetReader implements DatasetReader {
  readonly #turns = new Turns(1)

  inspect(file: DatasetFile): Promise<DatasetFacts> {
    return this.#turns.run(async () => {
      const answer = await runWorker(file)
      if ('facts' in answer) return answer.facts
      const { code, message, details } = answer.refused
      throw translateError(new TableError(code, message, { details }), { field: blame(file, details) })
    })
  }
}

/** The field of the request that an error is about. */
function blame({ target, splitColumn }: DatasetFile, { column }: Record<string, unknown>): string {
  if (column === target) return 'target'
  return column === splitColumn && splitColumn !== null ? 'split_column' : 'body'
}

function tooCostly(what: string): AppError {
  const message = `The table takes too much ${what} to read; store fewer rows or columns.`
  return new AppError('LIMIT_EXCEEDED', { message, errors: [{ field: 'body', message }] })
}

function runWorker(file: DatasetFile): Promise<DatasetAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./dataset-worker.ts', import.meta.url), {
      workerData: { file, limits: LIMITS, maxSplits: MAX_DATASET_SPLITS } satisfies DatasetTask,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    })
    const timer = setTimeout(() => {
      void worker.terminate()
      reject(tooCostly('time'))
    }, LIMIT_MS)
    worker.once('message', resolve)
    worker.once('error', (error: Error & { code?: string }) => {
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooCostly('memory') : error)
    })
    worker.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the worker that reads tables ended with code ${code} and said nothing`))
    })
  })
}
