/** Rows without an order: shuffled, the first ones labelled. */

import type { NumericColumn } from '@posterior/tabular'
import { type InContextTask, type PackOptions, type Tensor, tensorOf } from '../studio-prior.ts'

/** Regression of `y` on the columns of `X`. */
export function packRegression(
  sample: Record<string, Tensor>,
  { train, test, random }: Pick<PackOptions, 'train' | 'test' | 'random'>,
): InContextTask {
  const y = tensorOf(sample, 'y').data
  const order = random.permutation(y.length)
  return {
    task: 'regression',
    train,
    test,
    columns: shuffledColumns(tensorOf(sample, 'X'), order),
    y: Float64Array.from(order, (row) => y[row]!),
    classes: 0,
  }
}

/** Classification of `labels` by the columns of `X`; which class has which number is drawn for each task. */
export function packClassification(
  sample: Record<string, Tensor>,
  { train, test, random, classes }: Pick<PackOptions, 'train' | 'test' | 'random'> & { classes: number },
): InContextTask {
  const labels = tensorOf(sample, 'labels').data
  const order = random.permutation(labels.length)
  const numbers = random.permutation(classes)
  return {
    task: 'classification',
    train,
    test,
    columns: shuffledColumns(tensorOf(sample, 'X'), order),
    y: Float64Array.from(order, (row) => numbers[labels[row]!]!),
    classes,
  }
}

function shuffledColumns(x: Tensor, order: Int32Array): NumericColumn[] {
  const width = x.shape[1]!
  return Array.from({ length: width }, (_, j) => ({
    name: `x${j + 1}`,
    values: Float64Array.from(order, (row) => x.data[row * width + j]!),
    categorical: false,
  }))
}
