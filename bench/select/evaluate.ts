/** Fits and predicts one split with the product's own engine and scores the answer with the product's own metrics. */
import { join } from 'node:path'
import type { Predictor } from '@posterior/engine'
import { cellValue, dropColumns, findColumn, type Table, takeRows } from '@posterior/tabular'
import { scorePrediction } from '../../packages/cli/src/predict/score-prediction.ts'
import { type BaselineResult, type DatasetInfo, TARGET } from './datasets.ts'
import { priorLogLoss, priorRmse } from './prior-baseline.ts'
import type { ModelResult } from './report.ts'
import { datasetSplit, type Split } from './splits.ts'

/** Levels whose pinball losses make up the CRPS: the middles of 99 equal steps. */
const LEVELS = Array.from({ length: 99 }, (_, k) => (k + 0.5) / 99)

export interface EvaluateOptions {
  predictor: Predictor
  model: string | undefined
  estimators: number | undefined
  /** Folder for contexts. */
  folder: string
}

/** The rows of one dataset, one seed. */
export interface Case {
  dataset: DatasetInfo
  table: Table
  seed: number
}

/** Rebuild the split of a case. @throws Error when the index has no such seed */
export function splitOf({ dataset, table, seed }: Case): Split {
  const sizes = dataset.splits.find((split) => split.seed === seed)
  if (!sizes) throw new Error(`${dataset.name} has no split with seed ${seed}; the index has 0, 1 and 2.`)
  return datasetSplit(dataset.task === 'classification' ? labelsOf(table) : table.rowCount, sizes, seed)
}

/**
 * Whether the stored `prior` baseline comes out of this split: its RMSE for regression, its log loss for classification,
 * within 1e-6 of it (relative above 1). Undefined when the baseline is not stored.
 */
export function agreesWithPrior(
  item: Case,
  split: Split,
  baselines: readonly BaselineResult[],
): boolean | undefined {
  const { dataset, table, seed } = item
  const stored = baselines.find(
    (row) => row.dataset === dataset.name && row.model === 'prior' && row.seed === seed,
  )
  if (!stored) return undefined
  const target = findColumn(table, TARGET)
  const own =
    dataset.task === 'classification'
      ? priorLogLoss(labelsOf(table), split)
      : priorRmse(target.kind === 'number' ? target.values : new Float64Array(), split)
  const expected = Number(stored[dataset.task === 'classification' ? 'logloss' : 'rmse'])
  return Math.abs(own - expected) <= 1e-6 * Math.max(1, Math.abs(expected))
}

/** Fit on the training rows, predict the test rows, score. */
export async function evaluate(item: Case, split: Split, options: EvaluateOptions): Promise<ModelResult> {
  const { dataset, table, seed } = item
  const features = dropColumns(table, [TARGET])
  const target = findColumn(table, TARGET)
  const labelled = { rowCount: table.rowCount, columns: [target] }
  const contextDir = join(options.folder, `${dataset.name}-${seed}`)
  const categoricalColumns = dataset.categorical_columns.map((name) =>
    features.columns.findIndex((column) => column.name === name),
  )
  const fitStart = performance.now()
  await options.predictor.fit({
    ...(options.model ? { model: options.model } : {}),
    task: dataset.task,
    x: { table: takeRows(features, split.train) },
    y: { table: takeRows(labelled, split.train) },
    options: { ...(options.estimators ? { estimators: options.estimators } : {}), categoricalColumns },
    contextDir,
  })
  const predictStart = performance.now()
  const prediction = await options.predictor.predict({
    contextDir,
    x: { table: takeRows(features, split.test) },
    output: dataset.task === 'classification' ? 'probas' : 'main',
    ...(dataset.task === 'classification' ? {} : { quantiles: LEVELS }),
  })
  const end = performance.now()
  const truth = takeRows(labelled, split.test).columns[0]!
  return {
    dataset: dataset.name,
    task: dataset.task,
    seed,
    trainRows: split.train.length,
    features: dataset.features,
    metrics: {
      ...scorePrediction(prediction, truth),
      fit_seconds: (predictStart - fitStart) / 1000,
      predict_seconds: (end - predictStart) / 1000,
    },
  }
}

function labelsOf(table: Table): string[] {
  const target = findColumn(table, TARGET)
  return Array.from({ length: table.rowCount }, (_, row) => String(cellValue(target, row)))
}
