/** Runs every split that has no result yet, several at a time. */
import type { Table } from '@posterior/tabular'
import { type DatasetInfo, readDataset, type Selection } from '../data/datasets.ts'
import {
  agreesWithPrior,
  type EvaluateOptions,
  evaluateSplit,
  type SplitResult,
  splitOf,
} from './evaluate-split.ts'
import type { ResultsFile } from './results-file.ts'

export interface RunOptions extends EvaluateOptions {
  selection: Selection
  datasets: readonly DatasetInfo[]
  seeds: readonly number[]
  trainRows: number | undefined
  /** Splits at a time. */
  jobs: number
  results: ResultsFile
  /** After each split; `done` counts those that had a result before. */
  onSplit?: (event: SplitEvent) => void
}

/** How one split went. */
export interface SplitEvent {
  dataset: string
  seed: number
  done: number
  total: number
  /** Either this or `error`. */
  result?: SplitResult
  error?: Error
}

/**
 * A split that fails is told to `onSplit` and left out, so that a later run tries it again.
 *
 * @returns how many failed
 * @throws the reason of `signal` when it is aborted; what is done by then is in the file
 */
export async function runSplits(options: RunOptions): Promise<{ failed: number }> {
  const { datasets, seeds, results, signal } = options
  const total = datasets.length * seeds.length
  const todo = datasets.flatMap((dataset) =>
    seeds.filter((seed) => !results.has(dataset.name, seed)).map((seed) => ({ dataset, seed })),
  )
  const tables = new TableCache(options.selection)
  let done = total - todo.length
  let failed = 0
  const lane = async () => {
    for (let item = todo.shift(); item; item = todo.shift()) {
      signal?.throwIfAborted()
      const { dataset, seed } = item
      const outcome = await runSplit(dataset, seed, tables, options).catch((error: Error) => error)
      signal?.throwIfAborted()
      const event = { dataset: dataset.name, seed, total }
      if (outcome instanceof Error) {
        failed += 1
        options.onSplit?.({ ...event, done, error: outcome })
      } else {
        results.append(outcome)
        done += 1
        options.onSplit?.({ ...event, done, result: outcome })
      }
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, lane))
  return { failed }
}

async function runSplit(
  dataset: DatasetInfo,
  seed: number,
  tables: TableCache,
  options: RunOptions,
): Promise<SplitResult> {
  const item = { dataset, table: await tables.read(dataset), seed, trainRows: options.trainRows }
  const split = splitOf(item)
  const verified = agreesWithPrior(item, split, options.selection.baselines)
  return { ...(await evaluateSplit(item, split, options)), verified }
}

/** The seeds of a dataset follow each other, so the table read last is often the one that is needed. */
class TableCache {
  readonly #selection: Selection
  #name = ''
  #table: Promise<Table> | undefined

  constructor(selection: Selection) {
    this.#selection = selection
  }

  read(dataset: DatasetInfo): Promise<Table> {
    if (this.#table && this.#name === dataset.name) return this.#table
    this.#name = dataset.name
    this.#table = readDataset(this.#selection, dataset)
    return this.#table
  }
}
