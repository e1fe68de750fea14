/** The engine for questions that carry their context, as the domain sees it. Nothing of them is stored. */
import type { Task } from '@posterior/contracts'

/** Rows of numbers, row-major; NaN = missing. */
export interface NumberRows {
  rows: number
  columns: number
  values: Float64Array
}

/** An installed model, or the folder of one. */
export type ModelChoice = { name: string } | { folder: string }

export interface AnswerAsked {
  model: ModelChoice
  /** In [0, 1]. */
  levels: readonly number[]
  /** Whether to answer whole distributions. */
  withBars: boolean
  options: { estimators?: number; randomState?: number }
}

export interface AnswerWork extends AnswerAsked {
  task: Task
  x: NumberRows
  /** Finite targets, or whole numbers that stand for classes. */
  y: Float64Array
  query: NumberRows
}

export interface ForecastWork extends AnswerAsked {
  /** In time order; NaN = missing. */
  history: Float64Array
  horizon: number
  lags?: number
  /** Absent: found in the history. */
  season?: number
  paths?: number
  /** Rows as a prior of the studio packs them, for a model that was trained on those: of lags, or rows that say when. */
  layout: 'general' | 'studio' | 'calendar'
}

export interface NumbersResult {
  task: 'regression'
  mean: Float64Array
  median: Float64Array
  /** One array per level. */
  quantiles: readonly Float64Array[]
  /** Row-major [rows, buckets]; one more border than there are buckets. */
  bars?: { borders: Float64Array; logits: Float64Array }
  warnings: readonly string[]
}

export interface ClassesResult {
  task: 'classification'
  classes: readonly number[]
  labels: readonly number[]
  /** Row-major [rows, classes]. */
  probabilities: Float64Array
  warnings: readonly string[]
}

export type AnswerResult = NumbersResult | ClassesResult

export interface ForecastResult extends NumbersResult {
  season: number | null
  lags: number
}

export interface DiscoverWork {
  model: ModelChoice
  x: NumberRows
}

export interface GraphResult {
  columns: number
  /** Row-major [columns, columns]. */
  probabilities: Float64Array
  warnings: readonly string[]
}

export interface Answerer {
  answer(work: AnswerWork, signal: AbortSignal): Promise<AnswerResult>
  forecast(work: ForecastWork, signal: AbortSignal): Promise<ForecastResult>
  discover(work: DiscoverWork, signal: AbortSignal): Promise<GraphResult>
}
