/** Lays a prediction out as columns: `prediction` first, then probabilities or quantiles. */
import type { Label, Prediction } from '@posterior/engine'
import type { Column, NumberColumn, Table } from '@posterior/tabular'

/**
 * One row per row of the test table, in its order.
 *
 * Classification: `prediction` and, for `probas`, `probability_CLASS` per class. Regression: `prediction` (the mean for
 * `main`) and, for `main`, `median`, `mode` and `quantile_LEVEL`; for `quantiles` only the `quantile_LEVEL` columns.
 */
export function predictionTable(prediction: Prediction): Table {
  return { rowCount: prediction.rowCount, columns: predictionColumns(prediction) }
}

function predictionColumns(prediction: Prediction): Column[] {
  switch (prediction.output) {
    case 'preds':
      return [labelColumn(prediction.labels)]
    case 'probas': {
      const { classes, probabilities, rowCount } = prediction
      const columns = classes.map((label, k) =>
        numberColumn(
          `probability_${label}`,
          Float64Array.from({ length: rowCount }, (_, row) => probabilities[row * classes.length + k]!),
        ),
      )
      return [labelColumn(mostProbable(classes, probabilities)), ...columns]
    }
    case 'quantiles':
      return quantileColumns(prediction.levels, prediction.quantiles)
    case 'main':
    case 'full':
      return [
        numberColumn('prediction', prediction.mean),
        numberColumn('median', prediction.median),
        numberColumn('mode', prediction.mode),
        ...quantileColumns(prediction.levels, prediction.quantiles),
      ]
    default:
      return [numberColumn('prediction', prediction.values)]
  }
}

/** The most probable class of each row; of equally probable ones the first. `probabilities` is [rows, classes]. */
export function mostProbable(classes: readonly Label[], probabilities: Float64Array): Label[] {
  const rowCount = probabilities.length / classes.length
  return Array.from({ length: rowCount }, (_, row) => {
    const shares = probabilities.subarray(row * classes.length, (row + 1) * classes.length)
    return classes[shares.indexOf(Math.max(...shares))]!
  })
}

function quantileColumns(levels: readonly number[], quantiles: readonly Float64Array[]): NumberColumn[] {
  return levels.map((level, q) => numberColumn(`quantile_${level}`, quantiles[q]!))
}

function numberColumn(name: string, values: Float64Array): NumberColumn {
  return { kind: 'number', name, values, integer: false }
}

function labelColumn(labels: readonly Label[]): Column {
  const name = 'prediction'
  const first = labels[0]
  if (typeof first === 'number') {
    const values = Float64Array.from(labels as readonly number[])
    return { kind: 'number', name, values, integer: values.every(Number.isInteger) }
  }
  if (typeof first === 'boolean') {
    return {
      kind: 'boolean',
      name,
      values: Uint8Array.from(labels as readonly boolean[], (label) => (label ? 1 : 0)),
    }
  }
  const levels = [...new Set(labels as readonly string[])]
  const codeOf = new Map(levels.map((level, code) => [level, code]))
  return {
    kind: 'string',
    name,
    levels,
    codes: Int32Array.from(labels as readonly string[], (label) => codeOf.get(label)!),
  }
}
