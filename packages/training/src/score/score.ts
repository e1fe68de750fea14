/** What a brain is measured by, and what comes out. Every number says in `meta` where it comes from. */
import type {
  Answer,
  AnswerJob,
  DiscoverJob,
  ForecastAnswer,
  ForecastJob,
  GraphAnswer,
} from '@posterior/engine'
import type { ModelManifest } from '@posterior/model'
import type { PriorChoice } from '../run/training-config.ts'
import type { MicroBatch } from '../workers/gradient-pool.ts'
import type { MicroBatchResult } from '../workers/protocol.ts'

/** Finite numbers by name. */
export type Metrics = Readonly<Record<string, number>>

/** What one eval says of one state of the weights. */
export interface Score {
  readonly metrics: Metrics
  /** JSON: tasks and rows that were asked, and for each metric what it is and of what. */
  readonly meta: Readonly<Record<string, unknown>>
  readonly skipped: boolean
  /** Why nothing was measured; null when something was. */
  readonly skipReason: string | null
}

/** Weights as they are to be measured. */
export interface Brain {
  readonly manifest: Pick<ModelManifest, 'tasks' | 'trainedRange'>
  /** As callers of the Predict API are answered. */
  answer(job: Omit<AnswerJob, 'model'>): Promise<Answer>
  forecast(job: Omit<ForecastJob, 'model'>): Promise<ForecastAnswer>
  discover(job: Omit<DiscoverJob, 'model'>): Promise<GraphAnswer>
  /** Losses of whole batches, in the units of training. */
  losses(batches: readonly MicroBatch[]): Promise<MicroBatchResult[]>
}

/** What is measured with. */
export interface ScoringContext {
  readonly brain: Brain
  /** What the brain is trained on. */
  readonly prior: PriorChoice
  /** Folder of the tables of datasets, each under its hash; undefined where there are none. */
  readonly tables: string | undefined
  /** Results that do not depend on the weights, or not on the eval, by a key of their own. */
  readonly cache: ScoringCache
  /** Called between tasks: lets others have the thread. @throws when the measurement is to end */
  readonly pause: () => Promise<void>
}

/** Two lifetimes: that of the run, and that of one state of the weights. */
export interface ScoringCache {
  readonly run: Map<string, unknown>
  readonly weights: Map<string, unknown>
}

/** Measures; throws EvalSkipped for what cannot be measured on this brain. */
export type Scorer = (context: ScoringContext) => Promise<Pick<Score, 'metrics' | 'meta'>>

/** Why an eval is not scored, in words for the owner of the run. */
export class EvalSkipped extends Error {
  override readonly name = 'EvalSkipped'
}

/** The value under `key`, computed when it is not there. */
export async function remembered<T>(
  cache: Map<string, unknown>,
  key: string,
  compute: () => Promise<T>,
): Promise<T> {
  if (!cache.has(key)) cache.set(key, await compute())
  return cache.get(key) as T
}
