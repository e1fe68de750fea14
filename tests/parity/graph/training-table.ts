/** Batches of random tables, as the training step of every model takes them. */
import type { ModelTask } from '@posterior/model'
import { Random } from '@posterior/tabular'
import { type Dense, dense } from './float64-operators.ts'

export type Arrays = Record<string, { data: Float32Array; dims: readonly number[] }>

/** Everything but the weights; classes take slots 0, 7 and 14. */
export function trainingTable(
  task: ModelTask,
  size: { batch: number; train: number; test: number; features: number },
  seed = 0,
): Arrays {
  const { batch, train, test: query, features } = size
  const random = Random.fromSeed('model step', task, seed)
  const normals = (...dims: number[]) => ({
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random.normal()),
    dims,
  })
  const slots = (rows: number) => {
    const oneHot = new Float32Array(batch * rows * 64)
    for (let i = 0; i < batch * rows; i++) oneHot[i * 64 + 7 * random.int(0, 3)] = 1
    return { data: oneHot, dims: [batch, rows, 64] }
  }
  const distinct = (i: number) => (Math.floor(i / features) % features === i % features ? 0 : 1)
  const pairs = Float32Array.from(
    { length: batch * features ** 2 },
    (_, i) => distinct(i) / (features * (features - 1)),
  )
  const adjacency = pairs.map((pair) => (pair > 0 && random.bool() ? 1 : 0))
  const square = [batch, features, features]
  return {
    pairs: { data: pairs, dims: square },
    adjacency: { data: adjacency, dims: square },
    x_train: normals(batch, train, features, 4),
    x_test: normals(batch, query, features, 4),
    y_train: task === 'classification' ? slots(train) : normals(batch, train, 1),
    y_test: task === 'classification' ? slots(query) : normals(batch, query, 1),
    column_ids: normals(batch, features, 16),
    weight: { data: Float32Array.from({ length: batch }, (_, i) => 1 + i / 2), dims: [batch] },
  }
}

/** The same in float64. */
export function toFloat64(arrays: Arrays): Record<string, Dense> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { data: values, dims }]) => [
      name,
      dense(Float64Array.from(values), dims),
    ]),
  )
}
