/** What a thinking fit is asked for and what it tells about itself. Plain data: it crosses a process boundary. */
import type { FitOptions, OutputOptions } from '../job.ts'

export const THINKING_EFFORTS = ['medium', 'high'] as const

/** How many settings are tried: `high` tries those of `medium` and more. */
export type ThinkingEffort = (typeof THINKING_EFFORTS)[number]

/** Look for the settings that predict this table best, by cross-validation on its rows. */
export interface ThinkingOptions {
  readonly effort: ThinkingEffort
  /** Time that the fit may take; above 0. */
  readonly seconds: number
  /** Name or alias of a metric for the problem; default log_loss, or root_mean_squared_error for regression. */
  readonly metric?: string
  /** Fewest training rows; a smaller table is refused with invalid_options. Default 500. */
  readonly minRows?: number
}

export const DEFAULT_THINKING_ROWS = 500

/** Settings that are tried; what is not named is as the caller asked. */
export type CandidateSettings = Readonly<FitOptions & OutputOptions>

/** What the search did and chose; scores are those of the rows that each fold held out. */
export interface ThinkingReport {
  readonly effort: ThinkingEffort
  /** Canonical name, and which way is better. */
  readonly metric: string
  readonly isHigherBetter: boolean
  /** Settings whose score was measured, the default among them; 0 when there was no time for any. */
  readonly candidates: number
  /** Folds that each of them was measured on. */
  readonly folds: number
  /** Of what was chosen, and of the settings as asked for without thinking; null when it could not be measured. */
  readonly score: number | null
  readonly baselineScore: number | null
  readonly chosen: readonly { readonly settings: CandidateSettings; readonly weight: number }[]
  /** Of the blended answer; 1 = as it is. */
  readonly temperature: number
  /** From the start of the search until the context was on disk. */
  readonly seconds: number
}
