/**
 * An oracle answers a prior's tasks as well as can be, or nearly: from the prior's rule and ranges, the labelled rows and
 * one query row at a time, as a trained model does, but with the mathematics instead of having to learn it.
 */

import type { InContextTask, Interval } from '../catalogue/studio-prior.ts'

/** What an oracle may know of a parameter: the range that tasks draw it from. */
export type RangeLookup = (name: string) => Interval

export interface Oracle {
  /** Id of the prior. */
  readonly priorId: string
  /** `exact`: the posterior predictive up to the error of a fine grid. `strong`: an approximation of it. */
  readonly strength: 'exact' | 'strong'
  /** One sentence: how it answers and what it leaves out. */
  readonly method: string
  /**
   * @returns regression: quantiles [test, 255] at `ORACLE_LEVELS` in the target's own units; classification:
   *   probabilities [test, classes]
   */
  answer(task: InContextTask, rangeOf: RangeLookup): Float64Array
}
