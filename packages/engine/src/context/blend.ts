/**
 * Several ensembles of one training set that answer together, each with a weight: what a thinking fit leaves. The first
 * is the context that holds the blend, the one of the largest weight.
 */
import type { ResolvedOptions } from '../job.ts'
import type { ThinkingReport } from '../thinking/thinking-job.ts'
import type { Context } from './context-state.ts'

export interface Blend {
  /** Of the context itself and then of `others`; positive, of sum 1. */
  readonly weights: readonly number[]
  /** The other parts; none of them has a blend. */
  readonly others: readonly Context[]
  /**
   * Of the blended answer. Classification: probabilities are raised to 1 / temperature and renormalised. Regression:
   * as `applyTemperature`. 1 = as it is.
   */
  readonly temperature: number
  /** Regression: which point of each part's distribution the answer `mean` averages. */
  readonly point: 'mean' | 'median'
  /** What was asked for, with the members of all parts as `estimators`. */
  readonly options: ResolvedOptions
  readonly report: ThinkingReport
}

/** The parts in the order of the weights. */
export function partsOf(context: Context): readonly Context[] {
  return [context, ...(context.blend?.others ?? [])]
}
