/** Compares a prediction with the true target, by the product's own metrics. */
import type { Label, Prediction } from '@posterior/engine'
import {
  accuracy,
  type Column,
  cellValue,
  columnLength,
  crps,
  logLoss,
  mae,
  r2,
  rmse,
  rocAuc,
} from '@posterior/tabular'

/**
 * Metrics by name; empty when the output kind allows none.
 *
 * Classification from `probas`: auc, logloss, accuracy; rows whose label the fit did not see count as wrong in accuracy and are left out of the others.
 * Regression from `main`: rmse, r2, mae (of the median) and crps.
 */
export function scorePrediction(prediction: Prediction, truth: Column): Record<string, number> {
  if (prediction.output === 'probas') {
    const { classes, probabilities } = prediction
    const labels = classIndices(truth, classes)
    return {
      auc: rocAuc(labels, probabilities, classes.length),
      logloss: logLoss(labels, probabilities, classes.length),
      accuracy: accuracy(labels, probabilities, classes.length),
    }
  }
  if (prediction.output === 'main' && truth.kind === 'number') {
    const { mean, median, quantiles, levels } = prediction
    return {
      r2: r2(truth.values, mean),
      rmse: rmse(truth.values, mean),
      mae: mae(truth.values, median),
      crps: crps(truth.values, quantiles, levels),
    }
  }
  return {}
}

function classIndices(truth: Column, classes: readonly Label[]): Int32Array {
  const indexOf = new Map(classes.map((label, k) => [String(label), k]))
  return Int32Array.from(
    { length: columnLength(truth) },
    (_, row) => indexOf.get(String(cellValue(truth, row))) ?? -1,
  )
}
