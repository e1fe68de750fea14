/**
 * The selection data: real tables with stored baseline results, read from a folder that is not part of the repository.
 *
 * The folder holds `index.json`, `baselines.json.gz` and one `NAME.csv.gz` per dataset (target last, missing = empty).
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readTable, type Table } from '@posterior/tabular'
import { EvaluationError } from '../evaluation-error.ts'
import type { BaselineResult } from './baselines.ts'

export type Task = 'classification' | 'regression'

/** One row of the index, as far as it is used here. */
export interface DatasetInfo {
  name: string
  file: string
  task: Task
  rows: number
  features: number
  /** Columns to treat as nominal, some of which hold digits. */
  categorical_columns: string[]
  /** Null for regression. */
  n_classes: number | null
  /** Share of feature cells without a value, 0..1. */
  missing_fraction: number
  splits: { seed: number; train: number; test: number }[]
}

/** The index and the stored results. */
export interface Selection {
  dir: string
  datasets: DatasetInfo[]
  baselines: BaselineResult[]
}

/** The target column of every dataset. */
export const TARGET = 'target'

/** Read the index and the baselines of the folder. @throws EvaluationError when the folder is not there or incomplete */
export function readSelection(dir: string): Selection {
  for (const file of ['index.json', 'baselines.json.gz']) {
    if (!existsSync(join(dir, file))) {
      throw new EvaluationError(
        `Expected a folder of tables with index.json and baselines.json.gz at ${dir}, but ${file} is missing there. Name the folder with --data or POSTERIOR_SELECT_DIR.`,
      )
    }
  }
  const index = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')) as { datasets: DatasetInfo[] }
  const stored = gunzipSync(readFileSync(join(dir, 'baselines.json.gz'))).toString('utf8')
  const { results } = JSON.parse(stored) as { results: BaselineResult[] }
  return { dir, datasets: index.datasets, baselines: results }
}

/**
 * Choose datasets.
 *
 * @param sets `all`, `small` (at most 700 training rows and 20 features), `classification`, `regression`, or names
 *   separated by commas
 * @throws EvaluationError for a name that is not in the index
 */
export function chooseDatasets(datasets: readonly DatasetInfo[], sets: string): DatasetInfo[] {
  if (sets === 'all') return [...datasets]
  if (sets === 'small') return datasets.filter(isSmall)
  if (sets === 'classification' || sets === 'regression') return datasets.filter(({ task }) => task === sets)
  const names = [...new Set(sets.split(',').map((name) => name.trim()))]
  return names.map((name) => {
    const found = datasets.find((dataset) => dataset.name === name)
    if (!found)
      throw new EvaluationError(
        `There is no dataset '${name}'. Use all, small, classification, regression or names of the index.`,
      )
    return found
  })
}

/** At most 700 training rows and 20 features. */
export function isSmall({ splits, features }: DatasetInfo): boolean {
  return splits.every(({ train }) => train <= 700) && features <= 20
}

/** The dataset as the product would read it from CSV: features and target. */
export async function readDataset(selection: Selection, dataset: DatasetInfo): Promise<Table> {
  const file = join(selection.dir, dataset.file)
  if (!existsSync(file)) throw new EvaluationError(`The index names ${dataset.file}; there is no ${file}.`)
  const folder = await mkdtemp(join(tmpdir(), 'posterior-select-'))
  try {
    const path = join(folder, `${dataset.name}.csv`)
    await writeFile(path, gunzipSync(readFileSync(file)))
    return await readTable({ path, format: 'csv' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
