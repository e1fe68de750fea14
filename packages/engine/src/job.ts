/**
 * What goes into the engine and what comes out. Everything here survives structured cloning, because jobs and
 * results cross a process boundary.
 */
import type { Table } from '@posterior/tabular'
import type { EnsembleSettings } from './ensemble/settings.ts'
import type { ThinkingOptions, ThinkingReport } from './thinking/thinking-job.ts'

export type Task = 'classification' | 'regression'

/** A class label in the JSON type that the training data had. */
export type Label = string | number | boolean

/** Rows in a file (read by the process that computes) or in memory. */
export type TableSource =
  | { readonly path: string; readonly format: 'csv' | 'parquet' }
  | { readonly table: Table }

/** Settings that shape the ensemble; decided at fit and kept with the context. */
export interface FitOptions {
  /** Ensemble members, 1 to 32; default 4, or 8 for a classification of at most 1,500 rows. Cost grows in proportion. */
  readonly estimators?: number
  /** Seed of everything random in the ensemble; a whole number, default 0. Same seed and data, same answer. */
  readonly randomState?: number
  /** 0-based feature columns to treat as categorical; without it the typing rules decide. */
  readonly categoricalColumns?: readonly number[]
  /**
   * Accept tables beyond the model's documented limits; the answer then carries a warning. Default true. When false they
   * are refused with beyond_model_limits. A table outside the trained range gives a warning in either case.
   */
  readonly ignoreTrainedRange?: boolean
  /** In what the members differ from the default ones. */
  readonly ensemble?: EnsembleSettings
}

/** Settings that act after the model ran; those given at predict win over those given at fit. */
export interface OutputOptions {
  /**
   * Classification: each member's logits are divided by it before the softmax; default 0.9. Regression: each
   * member's distribution is narrowed or widened about its mean by the square root of it; default 1.
   */
  readonly softmaxTemperature?: number
  /** Average the members before the softmax (regression: average their quantiles). Default false. */
  readonly averageBeforeSoftmax?: boolean
  /** Divide probabilities by the class frequency in training and renormalise. Default false; classification only. */
  readonly balanceProbabilities?: boolean
}

/** Sizes that a table may have; checked while it is read. What is left out is limited by the engine's own settings. */
export interface TableLimits {
  readonly maxRows?: number
  readonly maxColumns?: number
  readonly maxCells?: number
  /** Why the row limit is what it is and what to do; ends the message when it is exceeded. */
  readonly rowsNote?: string
}

/** Learn a context from labelled rows and save it to a folder. */
export interface FitJob {
  /** Model id; the engine's default model when absent. */
  readonly model?: string
  readonly task: Task
  /** Feature columns; also holds the target when `y` names a column. */
  readonly x: TableSource
  /** A table of exactly one column, or the name of the column of `x` that is the target. */
  readonly y: TableSource | { readonly column: string }
  readonly options?: FitOptions & OutputOptions
  /** For the feature columns; `maxClasses` at most 64. */
  readonly limits?: TableLimits & { readonly maxClasses?: number }
  /** Search for the settings that predict this table best, instead of using those of `options` as they are. */
  readonly thinking?: ThinkingOptions
  /** Folder to create; a context that is there already is replaced. One fit to a folder at a time. */
  readonly contextDir: string
}

export interface ModelRef {
  readonly id: string
  /** SHA-256 over the checkpoint's weights, hex. */
  readonly checksum: string
}

/** Milliseconds by step. */
export type Timings = Readonly<Record<string, number>>

export interface FitSummary {
  readonly task: Task
  readonly model: ModelRef
  /** Training rows and feature columns as sent. */
  readonly rowCount: number
  readonly columnCount: number
  /** Columns that reach the model, after constants are dropped and dates expanded. */
  readonly modelColumnCount: number
  /** Classification: labels in output order, and how often each occurs in training. */
  readonly classes?: readonly Label[]
  readonly classCounts?: readonly number[]
  readonly options: ResolvedOptions
  /** Of a fit with thinking. */
  readonly thinking?: ThinkingReport
  /** Size of the saved context in bytes. */
  readonly contextBytes: number
  readonly warnings: readonly string[]
  readonly timingsMs: Timings
}

export const CLASSIFICATION_OUTPUTS = ['probas', 'preds'] as const
export const REGRESSION_OUTPUTS = ['mean', 'median', 'mode', 'quantiles', 'main', 'full'] as const

export type ClassificationOutput = (typeof CLASSIFICATION_OUTPUTS)[number]
export type RegressionOutput = (typeof REGRESSION_OUTPUTS)[number]

/** Answer rows from a saved context. */
export interface PredictJob {
  readonly contextDir: string
  readonly x: TableSource
  readonly output: ClassificationOutput | RegressionOutput
  /** Levels in [0, 1] for quantiles, main and full; default 0.1 to 0.9. */
  readonly quantiles?: readonly number[]
  /** Whatever is given here wins over the fit's settings. */
  readonly options?: OutputOptions
  readonly limits?: TableLimits
}

/** All settings in force, defaults filled in. */
export interface ResolvedOptions {
  readonly estimators: number
  readonly randomState: number
  readonly categoricalColumns: readonly number[] | null
  readonly ignoreTrainedRange: boolean
  /** Absent: the default ensemble. */
  readonly ensemble?: EnsembleSettings
  readonly softmaxTemperature: number
  readonly averageBeforeSoftmax: boolean
  readonly balanceProbabilities: boolean
}

export interface PredictionInfo {
  readonly rowCount: number
  /** Feature columns as sent. */
  readonly columnCount: number
  readonly model: ModelRef
  readonly options: ResolvedOptions
  /** Whether the context was in the serving process's memory. */
  readonly cache: 'hit' | 'miss'
  /** Of a fit with thinking. */
  readonly thinking?: ThinkingReport
  readonly warnings: readonly string[]
  readonly timingsMs: Timings
}

/** Class probabilities; `probabilities` is row-major [rows, classes], each row sums to 1. */
export interface ProbabilityPrediction extends PredictionInfo {
  readonly output: 'probas'
  readonly classes: readonly Label[]
  readonly probabilities: Float64Array
}

/** The most probable class of each row; of equally probable ones the first. */
export interface LabelPrediction extends PredictionInfo {
  readonly output: 'preds'
  readonly classes: readonly Label[]
  readonly labels: readonly Label[]
}

/** One number per row, in the target's unit. */
export interface PointPrediction extends PredictionInfo {
  readonly output: 'mean' | 'median' | 'mode'
  readonly values: Float64Array
}

/** One array of length rows per requested level, in request order. */
export interface QuantilePrediction extends PredictionInfo {
  readonly output: 'quantiles'
  readonly levels: readonly number[]
  readonly quantiles: readonly Float64Array[]
}

export interface MainPrediction extends PredictionInfo {
  readonly output: 'main'
  readonly mean: Float64Array
  readonly median: Float64Array
  readonly mode: Float64Array
  readonly levels: readonly number[]
  readonly quantiles: readonly Float64Array[]
}

/** `main` and the distribution itself as bars. */
export interface FullPrediction extends Omit<MainPrediction, 'output'> {
  readonly output: 'full'
  /** Increasing, shared by all rows; one more than there are buckets. The same for every request to one context. */
  readonly borders: Float64Array
  /** Row-major [rows, buckets]: log of the probability of each bucket; finite, sums to 1 after exp. */
  readonly logits: Float64Array
}

export type Prediction =
  | ProbabilityPrediction
  | LabelPrediction
  | PointPrediction
  | QuantilePrediction
  | MainPrediction
  | FullPrediction
