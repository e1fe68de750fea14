/** Synthetic datasets as the arrays that the training graph takes. */

import { CELL_CHANNELS, cellChannels, fitChannels, type NumericColumn, type Random } from '@posterior/tabular'
import {
  type BatchSpec,
  CLASS_SLOT_COUNT,
  COLUMN_ID_WIDTH,
  checkBatchSpec,
  type TaskBatch,
} from './batch-spec.ts'
import { sampleTask } from './sample-task.ts'

const QUANTILE_SHARE = 0.25

/**
 * Draw `spec.batch` datasets. Pure in (spec, state of `random`); every dataset comes from its own fork, so that the
 * first datasets of a larger batch are those of a smaller one.
 *
 * @throws RangeError when the spec names an impossible shape
 */
export function sampleBatch(spec: BatchSpec, random: Random): TaskBatch {
  checkBatchSpec(spec)
  const { batch: size, train, test, features } = spec
  const isClassification = spec.task === 'classification'
  const targets = (length: number) => (isClassification ? new Int32Array(length) : new Float32Array(length))
  const batch: TaskBatch = {
    spec,
    xTrain: new Float32Array(size * train * features * CELL_CHANNELS),
    xTest: new Float32Array(size * test * features * CELL_CHANNELS),
    yTrain: targets(size * train),
    yTest: targets(size * test),
    classCounts: new Int32Array(size),
    columnIds: new Float32Array(size * features * COLUMN_ID_WIDTH),
    families: [],
  }
  for (let b = 0; b < size; b++) {
    const draw = random.fork('dataset', b)
    const task = sampleTask(spec, draw)
    batch.families.push(task.family)
    batch.classCounts[b] = task.classes
    writeCells(batch, b, task.columns, draw)
    writeTargets(batch, b, task.y, isClassification ? draw.permutation(CLASS_SLOT_COUNT) : null)
    const idsAt = b * features * COLUMN_ID_WIDTH
    draw.fillNormal(batch.columnIds.subarray(idsAt, idsAt + features * COLUMN_ID_WIDTH))
  }
  random.nextInt32()
  return batch
}

function writeCells(batch: TaskBatch, b: number, columns: NumericColumn[], random: Random): void {
  const { train, test, features } = batch.spec
  const variant = random.bool(QUANTILE_SHARE) ? 'quantile' : 'standard'
  const state = fitChannels(columns, { variant, fitRows: train })
  const rowsOf = (from: number, to: number) =>
    columns.map((column) => ({ ...column, values: column.values.subarray(from, to) }))
  const width = features * CELL_CHANNELS
  cellChannels(state, rowsOf(0, train), { out: batch.xTrain, offset: b * train * width })
  cellChannels(state, rowsOf(train, train + test), { out: batch.xTest, offset: b * test * width })
}

/** Class c goes to slot slots[c]; regression targets are written as they are. */
function writeTargets(batch: TaskBatch, b: number, y: Float64Array, slots: Int32Array | null): void {
  const { train, test } = batch.spec
  for (let i = 0; i < train; i++) batch.yTrain[b * train + i] = slots ? slots[y[i]!]! : y[i]!
  for (let i = 0; i < test; i++) batch.yTest[b * test + i] = slots ? slots[y[train + i]!]! : y[train + i]!
}
