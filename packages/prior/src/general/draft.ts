/**
 * The seam between families and the shared pipeline. A family draws columns and what the target is made from; the
 * pipeline (`sample-task.ts`) adds noise, makes classes or a regression target, and dirties the columns.
 */

import type { Random } from '@posterior/tabular'

/** One column before missing values: numbers, or category codes 0..levels-1 when `levels` > 0. */
export interface DraftColumn {
  values: Float64Array
  levels: number
}

/** One dataset before post-processing. All arrays have the request's row count and are finite. */
export interface Draft {
  /** Informative and other columns, in any number; the pipeline drops or adds to reach the wanted count. None: draw again. */
  columns: DraftColumn[]
  /** Standardised scalars that determine the target; as many as requested unless `labels` is given. */
  latents: Float64Array[]
  /** Classes drawn directly by the family, or null when the pipeline shall make them from the latents. */
  labels: Int32Array | null
}

export interface DraftRequest {
  rows: number
  /** Columns that the final dataset will have. */
  features: number
  task: 'classification' | 'regression'
  /** Classes wanted; families that draw labels may come out with fewer. 0 for regression. */
  classes: number
  /** Latents wanted: 1 for regression. */
  latents: number
  easy: boolean
}

export type Family = (request: DraftRequest, random: Random) => Draft
