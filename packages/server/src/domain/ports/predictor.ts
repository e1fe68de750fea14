/**
 * The engine as the domain sees it. Files go in by path and are read where the work is done, never in this process.
 * Implementations throw `AppError` for everything that the caller can be told.
 */
import type {
  FileFormat,
  InferenceConfig,
  Label,
  OutputType,
  Task,
  ThinkingEffort,
} from '@posterior/contracts'
import type { Answerer } from './answerer.ts'

export interface TableFile {
  path: string
  format: FileFormat
}

/** Rows of JSON values by position. */
export type InlineRows = readonly (readonly unknown[])[]

/** A table of JSON values: rows of cells by position, or objects by the names of the columns. */
export type InlineTable = { rows: InlineRows } | { records: readonly Readonly<Record<string, unknown>>[] }

/** Most rows, columns and cells of a table; checked before memory is taken for it. */
export interface TableLimits {
  maxRows: number
  maxColumns: number
  maxCells: number
  /** Why the row limit is what it is and what to do, for the message when it is exceeded. */
  rowsNote?: string
}

export interface EnsembleOptions {
  estimators?: number
  randomState?: number
  categoricalColumns?: readonly number[]
  ignoreTrainedRange?: boolean
  /** How the members differ, as a request says it. */
  inferenceConfig?: InferenceConfig
}

export interface OutputOptions {
  softmaxTemperature?: number
  averageBeforeSoftmax?: boolean
  balanceProbabilities?: boolean
}

export interface FitWork {
  /** Name of a model; one of `models()`. */
  model: string
  task: Task
  x: TableFile
  y: TableFile
  options: EnsembleOptions & OutputOptions
  limits: TableLimits & { maxClasses: number }
  /** Search for the settings that predict best, instead of using `options` as they are. */
  thinking?: ThinkingWork
  /** Folder to create. */
  contextPath: string
}

export interface ThinkingWork {
  effort: ThinkingEffort
  seconds: number
  metric?: string
  minRows: number
}

/** What a fit with thinking did; scores are by the metric, of rows held out. */
export interface ThinkingReport {
  effort: ThinkingEffort
  metric: string
  isHigherBetter: boolean
  candidates: number
  folds: number
  score: number | null
  baselineScore: number | null
  chosen: readonly { weight: number; settings: EnsembleOptions & OutputOptions }[]
  temperature: number
  seconds: number
}

export interface FitResult {
  trainRows: number
  columns: number
  /** Labels in output order; null for regression. */
  classes: Label[] | null
}

export interface PredictWork {
  contextPath: string
  /** A file, or a table that came with the request under the name `field`. */
  x: TableFile | { table: InlineTable; field: string }
  output: OutputType
  /** Levels in [0, 1]; only for outputs that have quantiles. */
  quantiles?: readonly number[]
  options: OutputOptions
  limits: TableLimits
}

/** All settings in force. */
export type ResolvedOptions = Required<Omit<EnsembleOptions, 'categoricalColumns' | 'inferenceConfig'>> &
  Required<OutputOptions> & { categoricalColumns: readonly number[] | null }

/** Row-major where there are two dimensions; quantiles are one array of rows per level. */
export type PredictionValues =
  | { output: 'preds'; labels: readonly Label[] }
  | { output: 'probas'; classes: readonly Label[]; probabilities: Float64Array }
  | { output: 'mean' | 'median' | 'mode'; values: Float64Array }
  | { output: 'quantiles'; quantiles: readonly Float64Array[] }
  | ({ output: 'main' } & MainValues)
  | ({ output: 'full'; logits: Float64Array; borders: Float64Array } & MainValues)

export interface MainValues {
  mean: Float64Array
  median: Float64Array
  mode: Float64Array
  quantiles: readonly Float64Array[]
}

export interface PredictResult {
  rows: number
  columns: number
  options: ResolvedOptions
  warnings: readonly string[]
  /** Of a fit with thinking. */
  thinking?: ThinkingReport
  values: PredictionValues
  timings: PredictTimings
}

/** Where the time of a prediction went, in seconds; together from the call to the answer. */
export interface PredictTimings {
  /** For a free process, and between the processes. */
  wait: number
  /** Loading the fitted model if it was not in memory, reading and preparing the rows. */
  data: number
  /** The model itself, and what makes an answer of its output. */
  model: number
}

export interface ModelInfo {
  name: string
  /** Changes when the weights change. */
  version: string
  /** Tasks it can do. */
  tasks: readonly Task[]
}

/**
 * Told the size of the rows to predict, or of the training rows of a fit with thinking, when they have been read, before
 * the model runs; more than once if work is repeated.
 */
export type OnTableRead = (size: { rows: number; columns: number }) => void

export interface Predictor extends Answerer {
  /** Installed models; the first is the default. */
  models(): Promise<readonly ModelInfo[]>
  fit(work: FitWork, signal: AbortSignal, onRead?: OnTableRead): Promise<FitResult>
  predict(work: PredictWork, signal: AbortSignal, onRead?: OnTableRead): Promise<PredictResult>
  /** Stop; work that is still running fails. */
  close(): Promise<void>
}
