/** What the trainer asks of the prior, and what it gets: a group of synthetic datasets of one shape. */

import type { Overrides, ParameterValues } from '../catalogue/studio-prior.ts'

/** Where a batch's tasks come from, when not from the general prior. Plain JSON. */
export interface CatalogueSource {
  readonly id: string
  readonly overrides: Overrides
  /** Values of the shape parameters, one set for the whole batch. */
  readonly shape: ParameterValues
}

/** Tasks whose answers are those of rows: all that the general prior has. */
export type RowTask = 'classification' | 'regression'

/** Shape and kind of one group of datasets. All datasets of a group share rows, features and task. */
export interface BatchSpec {
  /** `discovery`: whole tables of `train` rows, and graphs in place of targets. */
  task: RowTask | 'discovery'
  /** Datasets in the group, at least 1. */
  batch: number
  /** Labelled rows per dataset, at least 8. */
  train: number
  /** Rows to predict per dataset, at least 1; 0 for discovery. */
  test: number
  /** Columns per dataset, at least 1. */
  features: number
  /** `easy`: few mechanisms, little noise, clean columns, the start of the curriculum. `general`: everything. */
  stage: 'easy' | 'general'
  /** Classification: most classes that a dataset may have, 2 to 64 (the easy stage stops at 3). */
  maxClasses: number
  /**
   * Classification: the first so many slots are those that classes are assigned to; default all. A model that never meets
   * more classes learns their vectors sooner when there are no more than it needs.
   */
  classSlots?: number
  /** The catalogue prior that the datasets come from, as its plan wrote it; without it, the general prior. */
  source?: CatalogueSource
}

/**
 * B datasets with n training rows, m test rows and f columns each. Arrays are dense and row-major. No value is NaN or
 * infinite. Every column has at least two different values among the present cells of its training rows.
 */
export interface TaskBatch {
  spec: BatchSpec
  /** Cell channels [B, n, f, 4]: z, rank, missing, categorical. */
  xTrain: Float32Array<ArrayBuffer>
  /** Cell channels [B, m, f, 4], with statistics of the training rows. */
  xTest: Float32Array<ArrayBuffer>
  /** [B, n]: class slot 0..63 (Int32Array), or y standardised by the training rows (Float32Array). */
  yTrain: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>
  /** [B, m]: as yTrain. Each class also occurs in the training rows; regression is clipped at 8 training sd. */
  yTest: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>
  /** [B]: classes among the training rows, at least 2; zeros for regression. */
  classCounts: Int32Array<ArrayBuffer>
  /** [B, f, 16] standard normal. */
  columnIds: Float32Array<ArrayBuffer>
  /** Discovery only. */
  graphs?: GraphTargets
  /** [B]: name of the family that each dataset was drawn from, for loss reports. */
  families: string[]
}

/** The graphs behind the tables of a batch, each [B, f, f] with a column's causes along its column. */
export interface GraphTargets {
  /** 1 where the row's column causes the column's. */
  adjacency: Float32Array<ArrayBuffer>
  /** What a pair counts: 1 / (f (f - 1)) off the diagonal, 0 on it. */
  pairs: Float32Array<ArrayBuffer>
}

/** Slots that classes are assigned to; the width of the model's class table. */
export const CLASS_SLOT_COUNT = 64

/** Numbers in one column identity vector. */
export const COLUMN_ID_WIDTH = 16

/** @throws RangeError when the prior cannot make datasets of this shape */
export function checkBatchSpec(spec: BatchSpec): void {
  const { batch, train, test, features, maxClasses } = spec
  requireInteger('batch', batch, 1, 65536)
  requireInteger('train', train, 8, 1_000_000)
  requireInteger('test', test, 1, 1_000_000)
  requireInteger('features', features, 1, 4096)
  if (spec.task === 'classification') {
    requireInteger('maxClasses', maxClasses, 2, CLASS_SLOT_COUNT)
    requireInteger('classSlots', spec.classSlots ?? CLASS_SLOT_COUNT, maxClasses, CLASS_SLOT_COUNT)
  }
}

function requireInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`A batch spec needs an integer ${name} from ${least} to ${most}, got ${value}.`)
  }
}
