/** A group of synthetic datasets as inputs of the training graphs. */
import type { TensorValue } from '@posterior/engine/runtime'
import { CHANNELS, CLASS_SLOTS, COLUMN_ID_DIM } from '@posterior/model'
import type { TaskBatch } from '@posterior/prior'

/** Everything but the weights. */
export function batchFeeds(batch: TaskBatch): Record<string, TensorValue> {
  const { batch: count, train, test, features } = batch.spec
  if (batch.graphs) {
    const dims = [count, features, features]
    return {
      x_train: { data: batch.xTrain, dims: [count, train, features, CHANNELS] },
      adjacency: { data: batch.graphs.adjacency, dims },
      pairs: { data: batch.graphs.pairs, dims },
    }
  }
  return {
    x_train: { data: batch.xTrain, dims: [count, train, features, CHANNELS] },
    x_test: { data: batch.xTest, dims: [count, test, features, CHANNELS] },
    y_train: target(batch.yTrain, count, train),
    y_test: target(batch.yTest, count, test),
    column_ids: { data: batch.columnIds, dims: [count, features, COLUMN_ID_DIM] },
  }
}

/** Factor on each dataset's loss: 1 / ln C, so that tasks with many classes do not dominate; 1 for regression. */
export function datasetWeights(batch: TaskBatch): TensorValue {
  const weights = Float32Array.from(batch.classCounts, (classes) => (classes > 1 ? 1 / Math.log(classes) : 1))
  return { data: weights, dims: [weights.length] }
}

function target(values: TaskBatch['yTrain'], count: number, rows: number): TensorValue {
  if (values instanceof Float32Array) return { data: values, dims: [count, rows, 1] }
  const oneHot = new Float32Array(values.length * CLASS_SLOTS)
  for (let i = 0; i < values.length; i++) oneHot[i * CLASS_SLOTS + values[i]!] = 1
  return { data: oneHot, dims: [count, rows, CLASS_SLOTS] }
}
