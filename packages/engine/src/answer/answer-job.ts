/**
 * Context and query in one job: what goes in and what comes out. Numbers alone, in rows of one width, with no type
 * inference and no categories, so that a model trained on such rows sees at use what it saw in training.
 */
import type { ModelRef, OutputOptions, Task, Timings } from '../job.ts'

/** Rows of numbers, row-major; NaN = missing. Infinite cells are refused. */
export interface NumberRows {
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
}

/** A model by the name under which it is installed, or the folder of one that is not. */
export type ModelChoice = { readonly name: string } | { readonly folder: string }

/** Key under which a process that has loaded the model is known. */
export function affinityOf(model: ModelChoice): string {
  return 'folder' in model ? `model folder ${model.folder}` : `model ${model.name}`
}

export interface AnswerOptions extends OutputOptions {
  /** Ensemble members, 1 to 32; default 4 for classes from at most 2,048 labelled cells, else 1, for speed. */
  readonly estimators?: number
  /** Seed of everything random; a whole number, default 0. Same seed and data, same answer. */
  readonly randomState?: number
  /** Accept rows beyond the model's documented limits, with a warning. Default true; false refuses them. */
  readonly ignoreTrainedRange?: boolean
}

/** What every answer may be asked for; of classes only the options are used. */
export interface AnswerAsked {
  /** Levels in [0, 1] of the quantiles; default 0.1 to 0.9. */
  readonly levels?: readonly number[]
  /** Whether to answer the whole distributions as bars. Default false. */
  readonly withBars?: boolean
  readonly options?: AnswerOptions
}

/** Learn from the context and answer the query; nothing is stored. */
export interface AnswerJob extends AnswerAsked {
  readonly model: ModelChoice
  readonly task: Task
  /** At least one row. */
  readonly x: NumberRows
  /** One per context row: a finite target, or the whole number that stands for a class. */
  readonly y: Float64Array
  /** As wide as `x`. */
  readonly query: NumberRows
}

/** Continue a series; see `packages/tabular/src/series` for the rows that it becomes. */
export interface ForecastJob extends AnswerAsked {
  readonly model: ModelChoice
  /** In time order, in even steps; NaN = missing. At least 4 values must be there. */
  readonly history: Float64Array
  /** Steps to forecast, 1 to 1,000. */
  readonly horizon: number
  /** Lags per row, 1 to 256; default from season and length (see `defaultLags`). */
  readonly lags?: number
  /** Steps of one season, at least 2; null for none; absent: found in the history. */
  readonly season?: number | null
  /** Sampled futures, 1 to 256; default 64. */
  readonly paths?: number
  /**
   * What the model has learned from. `general` (default): a series that wanders is forecast by its changes, and lags before
   * its start are missing. `studio`: rows as the series priors of the studio pack them, of the values themselves, from
   * the first step on, with lags of 0 before the start. `calendar`: rows that
   * say when and nothing else; all steps are answered at once, without lags and sampled futures.
   */
  readonly layout?: 'general' | 'studio' | 'calendar'
}

export interface AnswerInfo {
  readonly model: ModelRef
  readonly warnings: readonly string[]
  readonly timingsMs: Timings
}

/** Distributions as bars, as `FullPrediction` has them. */
export interface Bars {
  /** Increasing, shared by all rows; one more than there are buckets. */
  readonly borders: Float64Array
  /** Row-major [rows, buckets]: log of the probability of each bucket. */
  readonly logits: Float64Array
}

/** Numbers in the unit of the target, one per query row or step. */
export interface NumbersAnswer extends AnswerInfo {
  readonly task: 'regression'
  readonly mean: Float64Array
  readonly median: Float64Array
  readonly levels: readonly number[]
  /** One array per level. */
  readonly quantiles: readonly Float64Array[]
  readonly bars?: Bars
}

export interface ClassesAnswer extends AnswerInfo {
  readonly task: 'classification'
  /** The whole numbers of the context that stand for classes, increasing. */
  readonly classes: readonly number[]
  /** The most probable class of each query row. */
  readonly labels: readonly number[]
  /** Row-major [rows, classes]. */
  readonly probabilities: Float64Array
}

export type Answer = NumbersAnswer | ClassesAnswer

/** What the rows of a forecast were made of. */
export interface ForecastAnswer extends NumbersAnswer {
  /** Steps of the season in use; null for none. */
  readonly season: number | null
  /** 0 for rows that say when. */
  readonly lags: number
}
