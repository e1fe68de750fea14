/** What every model must hold, whatever its weights: query rows are independent, row order is nothing, a context is enough. */
import { openSession, type TensorValue } from '@posterior/engine/runtime'
import {
  buildEncodeGraph,
  buildLossGraph,
  buildPredictGraph,
  CLASS_SLOTS,
  initialWeights,
  PRESETS,
  QUANTILE_LEVELS,
  TASKS,
  type Task,
  type WeightTensor,
} from '@posterior/model'
import { Random } from '@posterior/tabular'
import { describe, expect, test } from 'vitest'

const [ROWS, QUERIES, COLUMNS] = [40, 9, 5]
type Feeds = Record<string, TensorValue>

/** Random weights everywhere, residual branches included: a model at initialisation would hide most of its parts. */
function noisyWeights(preset: keyof typeof PRESETS): Map<string, WeightTensor> {
  const random = Random.fromSeed('invariances', preset)
  const weights = initialWeights(PRESETS[preset], random)
  for (const { data } of weights.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.05 * random.normal()
  return weights
}

function normals(seed: string, ...dims: number[]): TensorValue & { data: Float32Array } {
  const random = Random.fromSeed('invariances', seed)
  return { data: Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random.normal()), dims }
}

function targets(task: Task, rows: number, seed: string): TensorValue & { data: Float32Array } {
  if (task === 'regression') return normals(seed, 1, rows, 1)
  const random = Random.fromSeed('invariances', seed)
  const data = new Float32Array(rows * CLASS_SLOTS)
  for (let i = 0; i < rows; i++) data[i * CLASS_SLOTS + 5 * random.int(0, 4)] = 1
  return { data, dims: [1, rows, CLASS_SLOTS] }
}

function permuteRows(value: TensorValue, order: readonly number[]): TensorValue {
  const width = value.data.length / order.length
  const data = Float32Array.from(
    order.flatMap((row) => [...(value.data as Float32Array).subarray(row * width, (row + 1) * width)]),
  )
  return { data, dims: value.dims }
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0)
}

async function openModel(task: Task, weights: Map<string, WeightTensor>, preset: keyof typeof PRESETS) {
  const encode = await openSession(buildEncodeGraph(PRESETS[preset], task, weights).bytes, { threads: 1 })
  const predict = await openSession(buildPredictGraph(PRESETS[preset], task, weights).bytes, { threads: 1 })
  const columnIds = normals('ids', 1, COLUMNS, 16)
  return {
    fit: (x: TensorValue, y: TensorValue): Promise<Feeds> => encode.run({ x, y, column_ids: columnIds }),
    async answer(context: Feeds, x: TensorValue): Promise<Float32Array> {
      const results = await predict.run({ ...context, x, column_ids: columnIds })
      return Object.values(results)[0]!.data as Float32Array
    },
    async close() {
      await encode.release()
      await predict.release()
    },
  }
}

describe.each(TASKS)('%s', (task) => {
  const x = normals('train', 1, ROWS, COLUMNS, 4)
  const y = targets(task, ROWS, 'target')
  const queries = normals('test', 1, QUERIES, COLUMNS, 4)

  test('a row alone gets the answer that it gets in a batch', async () => {
    const model = await openModel(task, noisyWeights('nano'), 'nano')
    const context = await model.fit(x, y)
    const together = await model.answer(context, queries)
    const width = together.length / QUERIES
    for (let row = 0; row < QUERIES; row++) {
      const cells = queries.data.subarray(row * COLUMNS * 4, (row + 1) * COLUMNS * 4)
      const alone = await model.answer(context, { data: cells, dims: [1, 1, COLUMNS, 4] })
      expect(largestDifference(alone, together.subarray(row * width, (row + 1) * width))).toBeLessThan(1e-5)
    }
    await model.close()
  })

  test('the order of the labelled rows changes nothing', async () => {
    const model = await openModel(task, noisyWeights('nano'), 'nano')
    const order = [...Random.fromSeed('order').permutation(ROWS)]
    const before = await model.answer(await model.fit(x, y), queries)
    const after = await model.answer(await model.fit(permuteRows(x, order), permuteRows(y, order)), queries)
    expect(largestDifference(before, after)).toBeLessThan(1e-5)
    await model.close()
  })

  test('the same request gives the same bits', async () => {
    const model = await openModel(task, noisyWeights('nano'), 'nano')
    const first = await model.answer(await model.fit(x, y), queries)
    const second = await model.answer(await model.fit(x, y), queries)
    expect(Buffer.from(first.buffer).equals(Buffer.from(second.buffer))).toBe(true)
    await model.close()
  })

  test.each(['nano', 'small', 'medium'] as const)(
    '%s: a context answers as one pass over all rows does',
    async (preset) => {
      const weights = noisyWeights(preset)
      const model = await openModel(task, weights, preset)
      const single = { data: queries.data.subarray(0, COLUMNS * 4), dims: [1, 1, COLUMNS, 4] }
      const answer = await model.answer(await model.fit(x, y), single)
      const truth = targets(task, 1, 'truth')
      const whole = await wholePassLoss(task, weights, preset, { x, y, query: single, truth })
      expect(Math.abs(lossOf(task, answer, truth.data) - whole)).toBeLessThan(1e-5)
      await model.close()
    },
  )
})

/** Loss of one query row through the graph that encodes and predicts in one run. */
async function wholePassLoss(
  task: Task,
  weights: Map<string, WeightTensor>,
  preset: keyof typeof PRESETS,
  row: { x: TensorValue; y: TensorValue; query: TensorValue; truth: TensorValue },
): Promise<number> {
  const graph = buildLossGraph(PRESETS[preset], task)
  const session = await openSession(graph.bytes, { threads: 1 })
  const feeds: Feeds = {
    x_train: row.x,
    y_train: row.y,
    x_test: row.query,
    y_test: row.truth,
    column_ids: normals('ids', 1, COLUMNS, 16),
  }
  for (const { name } of graph.parameters) {
    const weight = weights.get(name)!
    if (session.inputNames.includes(name)) feeds[name] = { data: weight.data, dims: weight.shape }
  }
  const { losses } = await session.run(feeds)
  await session.release()
  return (losses!.data as Float32Array)[0]!
}

function lossOf(task: Task, answer: Float32Array, truth: Float32Array): number {
  if (task === 'classification') return -answer[truth.indexOf(1)]!
  const losses = QUANTILE_LEVELS.map((level, k) => {
    const difference = truth[0]! - answer[k]!
    return difference >= 0 ? level * difference : (level - 1) * difference
  })
  return (2 * losses.reduce((a, b) => a + b, 0)) / losses.length
}
