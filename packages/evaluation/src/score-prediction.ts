/** Compares a prediction with the true target, by the product's own metrics. */
import type { Label, Prediction } from '@posterior/engine'
import {
  accuracy,
  type Column,
  cellValue,
  columnLength,
  crps,
  isMissing,
  logLoss,
  mae,
  r2,
  rmse,
  rocAuc,
} from '@posterior/tabular'

/** Metrics by name; an output kind has those that it allows. A metric is NaN when the true values do not define it. */
export type Scores = Partial<Record<'auc' | 'logloss' | 'accuracy' | 'r2' | 'rmse' | 'mae' | 'crps', number>>

/**
 * Score the rows whose true value is not missing. A class that the fit did not see counts as wrong in accuracy and is
 * left out of the other metrics. The mean is scored by rmse and r2, the median by mae, quantiles by crps.
 *
 * @returns no metric at all when every true value is missing
 */
export function scorePrediction(prediction: Prediction, truth: Column): Scores {
  const rows = Array.from({ length: columnLength(truth) }, (_, row) => row).filter(
    (row) => !isMissing(truth, row),
  )
  if (rows.length === 0) return {}
  switch (prediction.output) {
    case 'probas': {
      const { classes } = prediction
      const labels = classIndices(truth, rows, classes)
      const probabilities = takeRows(prediction.probabilities, rows, classes.length)
      return {
        auc: rocAuc(labels, probabilities, classes.length),
        logloss: logLoss(labels, probabilities, classes.length),
        accuracy: accuracy(labels, probabilities, classes.length),
      }
    }
    case 'preds': {
      const right = rows.filter((row) => String(cellValue(truth, row)) === String(prediction.labels[row]))
      return { accuracy: right.length / rows.length }
    }
    default:
      return truth.kind === 'number' ? scoreNumbers(prediction, truth.values) : {}
  }
}

type NumberPrediction = Exclude<Prediction, { output: 'probas' | 'preds' }>

function scoreNumbers(prediction: NumberPrediction, truth: Float64Array): Scores {
  switch (prediction.output) {
    case 'mean':
      return { r2: r2(truth, prediction.values), rmse: rmse(truth, prediction.values) }
    case 'median':
    case 'mode':
      return { mae: mae(truth, prediction.values) }
    case 'quantiles':
      return { crps: crps(truth, prediction.quantiles, prediction.levels) }
    default:
      return {
        r2: r2(truth, prediction.mean),
        rmse: rmse(truth, prediction.mean),
        mae: mae(truth, prediction.median),
        crps: crps(truth, prediction.quantiles, prediction.levels),
      }
  }
}

/** Class of each row by its label, -1 for a label that is not among the classes. */
function classIndices(truth: Column, rows: readonly number[], classes: readonly Label[]): Int32Array {
  const indexOf = new Map(classes.map((label, k) => [String(label), k]))
  return Int32Array.from(rows, (row) => indexOf.get(String(cellValue(truth, row))) ?? -1)
}

function takeRows(values: Float64Array, rows: readonly number[], width: number): Float64Array {
  const taken = new Float64Array(rows.length * width)
  for (const [i, row] of rows.entries()) taken.set(values.subarray(row * width, (row + 1) * width), i * width)
  return taken
}

const TITLES: Record<keyof Scores, string> = {
  auc: 'ROC AUC',
  logloss: 'log loss',
  accuracy: 'accuracy',
  r2: 'R2',
  rmse: 'RMSE',
  mae: 'MAE',
  crps: 'CRPS',
}

/** One line such as `accuracy 0.96, log loss 0.15`; undefined when there is nothing to say. */
export function formatScores(scores: Scores): string | undefined {
  const parts = Object.entries(scores)
    .filter(([, value]) => !Number.isNaN(value))
    .map(([name, value]) => `${TITLES[name as keyof Scores]} ${Number(value.toPrecision(4))}`)
  return parts.length > 0 ? parts.join(', ') : undefined
}
