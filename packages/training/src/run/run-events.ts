import type { Score } from '../score/score.ts'

/** What a training run reports as it goes; every event is one JSON line of the run's log. */
export type RunEvent =
  | {
      readonly type: 'started'
      readonly step: number
      readonly parameters: number
      readonly resumed: boolean
    }
  | {
      readonly type: 'step'
      readonly step: number
      readonly task: 'classification' | 'regression' | 'discovery'
      /** Mean over the step's datasets: cross-entropy in nats, or CRPS in training standard deviations. */
      readonly loss: number
      readonly gradientNorm: number
      readonly learningRate: number
      /** Datasets seen since the first step. */
      readonly datasets: number
      readonly seconds: number
      /** Share of the budget that is used up, 0 to 1. */
      readonly progress: number
    }
  /** A gradient was not finite; the weights did not change. */
  | { readonly type: 'skipped'; readonly step: number; readonly gradientNorm: string }
  | {
      readonly type: 'evaluation'
      readonly step: number
      /** Loss over baseline loss on held-out synthetic datasets, by task and by family; 1 is no better than no features; null: not trained. */
      readonly classification: number | null
      readonly regression: number | null
      readonly discovery: number | null
      readonly families: Readonly<Record<string, number>>
    }
  /** What one eval of the run says of the averaged weights after so many steps; 0: before the first. */
  | ({ readonly type: 'score'; readonly step: number; readonly slug: string } & Score)
  | { readonly type: 'saved'; readonly step: number; readonly folder: string }
  | { readonly type: 'finished'; readonly step: number; readonly datasets: number; readonly seconds: number }
  | { readonly type: 'failed'; readonly message: string }
