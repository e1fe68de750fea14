/** Datasets written into the arrays of a batch, the same way for every prior. */

import { CELL_CHANNELS, cellChannels, fitChannels, type NumericColumn, type Random } from '@posterior/tabular'
import { type BatchSpec, CLASS_SLOT_COUNT, COLUMN_ID_WIDTH, type TaskBatch } from './batch-spec.ts'

/** A batch of zeros without families. */
export function emptyBatch(spec: BatchSpec): TaskBatch {
  const { batch: size, train, test, features } = spec
  const targets = (length: number) =>
    spec.task === 'classification' ? new Int32Array(length) : new Float32Array(length)
  return {
    spec,
    xTrain: new Float32Array(size * train * features * CELL_CHANNELS),
    xTest: new Float32Array(size * test * features * CELL_CHANNELS),
    yTrain: targets(size * train),
    yTest: targets(size * test),
    classCounts: new Int32Array(size),
    columnIds: new Float32Array(size * features * COLUMN_ID_WIDTH),
    families: [],
  }
}

/**
 * Cell channels of dataset `b`, with statistics of its training rows.
 *
 * @param columns       training rows first, then the rows to predict
 * @param quantileShare probability that z comes from normal scores rather than from mean and spread
 */
export function writeCells(
  batch: TaskBatch,
  b: number,
  columns: NumericColumn[],
  { quantileShare, random }: { quantileShare: number; random: Random },
): void {
  const { train, test, features } = batch.spec
  const variant = random.bool(quantileShare) ? 'quantile' : 'standard'
  const state = fitChannels(columns, { variant, fitRows: train })
  const rowsOf = (from: number, to: number) =>
    columns.map((column) => ({ ...column, values: column.values.subarray(from, to) }))
  const width = features * CELL_CHANNELS
  cellChannels(state, rowsOf(0, train), { out: batch.xTrain, offset: b * train * width })
  cellChannels(state, rowsOf(train, train + test), { out: batch.xTest, offset: b * test * width })
}

/** Targets of dataset `b`: classes go to slots drawn at random, regression targets are written as they are. */
export function writeTargets(batch: TaskBatch, b: number, y: Float64Array, random: Random): void {
  const { task, train, test, classSlots = CLASS_SLOT_COUNT } = batch.spec
  const slots = task === 'classification' ? random.permutation(classSlots) : null
  for (let i = 0; i < train; i++) batch.yTrain[b * train + i] = slots ? slots[y[i]!]! : y[i]!
  for (let i = 0; i < test; i++) batch.yTest[b * test + i] = slots ? slots[y[train + i]!]! : y[train + i]!
}

/** Column identities of dataset `b`. */
export function writeColumnIds(batch: TaskBatch, b: number, random: Random): void {
  const width = batch.spec.features * COLUMN_ID_WIDTH
  random.fillNormal(batch.columnIds.subarray(b * width, (b + 1) * width))
}
