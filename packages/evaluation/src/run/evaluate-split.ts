/** Fits and predicts one split with the product's own engine and scores the answer with the product's own metrics. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine, MainPrediction, Prediction } from '@posterior/engine'
import { type Column, cellValue, dropColumns, findColumn, type Table, takeRows } from '@posterior/tabular'
import type { BaselineResult } from '../data/baselines.ts'
import { type DatasetInfo, TARGET, type Task } from '../data/datasets.ts'
import { priorLogLoss, priorRmse } from '../data/prior-baseline.ts'
import { datasetSplit, type Split } from '../data/splits.ts'
import { EvaluationError } from '../evaluation-error.ts'
import { scorePrediction } from '../score-prediction.ts'

/** Levels whose pinball losses make up the CRPS: the middles of 99 equal steps. */
const LEVELS = Array.from({ length: 99 }, (_, k) => (k + 0.5) / 99)

/** Central intervals whose coverage is counted: name of the metric, lower and upper level. */
const INTERVALS = [
  ['coverage80', 0.1, 0.9],
  ['coverage90', 0.05, 0.95],
] as const

const ASKED = [...LEVELS, ...INTERVALS.flatMap(([, low, high]) => [low, high])].sort((a, b) => a - b)

export interface EvaluateOptions {
  engine: Pick<Engine, 'fit' | 'predict'>
  model: string
  estimators: number
  /** Undefined: as the model was trained. */
  ridgeColumns: boolean | undefined
  /** Folder for contexts; each is removed when it was used. */
  folder: string
  signal?: AbortSignal
}

/** The rows of one dataset, one seed. */
export interface Case {
  dataset: DatasetInfo
  table: Table
  seed: number
  /** Limit of training rows; undefined for that of the stored splits. */
  trainRows?: number | undefined
}

/** One fit and predict of the judged model. */
export interface SplitResult {
  dataset: string
  task: Task
  seed: number
  trainRows: number
  testRows: number
  /** Whether the stored figure of the prior came out of this split; null when none is stored. */
  verified: boolean | null
  /** By name; NaN when the true values do not define it. */
  metrics: Record<string, number>
}

/** Rebuild the split of a case. @throws EvaluationError when the index has no such seed */
export function splitOf({ dataset, table, seed, trainRows }: Case): Split {
  const stored = dataset.splits.find((split) => split.seed === seed)
  if (!stored) {
    const seeds = dataset.splits.map((split) => split.seed).join(', ')
    throw new EvaluationError(`${dataset.name} has no split with seed ${seed}; the index has ${seeds}.`)
  }
  const train = trainRows === undefined ? stored.train : Math.min(trainRows, table.rowCount - stored.test)
  const sizes = { train, test: stored.test }
  return datasetSplit(dataset.task === 'classification' ? labelsOf(table) : table.rowCount, sizes, seed)
}

/**
 * Whether the `prior` baseline comes out of this split: its RMSE for regression, its log loss for classification, within
 * 1e-6 of it (relative above 1). Null when the baseline is not there.
 */
export function agreesWithPrior(
  item: Case,
  split: Split,
  baselines: readonly BaselineResult[],
): boolean | null {
  const { dataset, table, seed } = item
  const stored = baselines.find(
    (row) => row.dataset === dataset.name && row.model === 'prior' && row.seed === seed,
  )
  if (!stored) return null
  const target = findColumn(table, TARGET)
  const own =
    dataset.task === 'classification'
      ? priorLogLoss(labelsOf(table), split)
      : priorRmse(target.kind === 'number' ? target.values : new Float64Array(), split)
  const expected = Number(stored[dataset.task === 'classification' ? 'logloss' : 'rmse'])
  return Math.abs(own - expected) <= 1e-6 * Math.max(1, Math.abs(expected))
}

/** Fit on the training rows, predict the test rows, score. @throws EngineError | TableError as the engine does */
export async function evaluateSplit(
  item: Case,
  split: Split,
  options: EvaluateOptions,
): Promise<Omit<SplitResult, 'verified'>> {
  const { dataset, table, seed } = item
  const features = dropColumns(table, [TARGET])
  const labelled = { rowCount: table.rowCount, columns: [findColumn(table, TARGET)] }
  const { estimators, ridgeColumns } = options
  const contextDir = join(options.folder, `${dataset.name}-${seed}`)
  const categoricalColumns = dataset.categorical_columns.map((name) =>
    features.columns.findIndex((column) => column.name === name),
  )
  const fitStart = performance.now()
  try {
    await options.engine.fit(
      {
        model: options.model,
        task: dataset.task,
        x: { table: takeRows(features, split.train) },
        y: { table: takeRows(labelled, split.train) },
        options: {
          estimators,
          categoricalColumns,
          ...(ridgeColumns !== undefined && { ensemble: { ridgeColumns } }),
        },
        contextDir,
      },
      options.signal,
    )
    const predictStart = performance.now()
    const prediction = await options.engine.predict(
      {
        contextDir,
        x: { table: takeRows(features, split.test) },
        ...(dataset.task === 'classification' ? { output: 'probas' } : { output: 'main', quantiles: ASKED }),
      },
      options.signal,
    )
    const end = performance.now()
    return {
      dataset: dataset.name,
      task: dataset.task,
      seed,
      trainRows: split.train.length,
      testRows: split.test.length,
      metrics: {
        ...score(prediction, takeRows(labelled, split.test).columns[0]!),
        fit_seconds: (predictStart - fitStart) / 1000,
        predict_seconds: (end - predictStart) / 1000,
      },
    }
  } finally {
    await rm(contextDir, { recursive: true, force: true })
  }
}

function score(prediction: Prediction, truth: Column): Record<string, number> {
  if (prediction.output !== 'main') return scorePrediction(prediction, truth)
  return { ...scorePrediction(atLevels(prediction, LEVELS), truth), ...coverages(prediction, truth) }
}

function atLevels(prediction: MainPrediction, levels: readonly number[]): MainPrediction {
  return { ...prediction, levels, quantiles: levels.map((level) => quantileAt(prediction, level)) }
}

/** Share of rows whose true value lies in each central interval. */
function coverages(prediction: MainPrediction, truth: Column): Record<string, number> {
  if (truth.kind !== 'number') return {}
  const values = [...truth.values]
  return Object.fromEntries(
    INTERVALS.map(([name, low, high]) => {
      const [lower, upper] = [quantileAt(prediction, low), quantileAt(prediction, high)]
      const inside = values.filter((y, row) => y >= lower[row]! && y <= upper[row]!).length
      return [name, inside / values.filter((y) => !Number.isNaN(y)).length]
    }),
  )
}

function quantileAt({ levels, quantiles }: MainPrediction, level: number): Float64Array {
  return quantiles[levels.indexOf(level)]!
}

function labelsOf(table: Table): string[] {
  const target = findColumn(table, TARGET)
  return Array.from({ length: table.rowCount }, (_, row) => String(cellValue(target, row)))
}
