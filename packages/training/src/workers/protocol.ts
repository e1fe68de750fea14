/** Messages between the trainer and its gradient workers. */
import type { Provider } from '@posterior/engine'
import type { ModelConfig } from '@posterior/model'
import type { BatchSpec, DeclaredModule } from '@posterior/prior'

export interface WorkerSetup {
  readonly config: ModelConfig
  /** Draws the batches, when they come from the prior of a user. */
  readonly module: DeclaredModule | undefined
  /** Threads inside one operator. */
  readonly threads: number
  /** What computes; default the CPU. */
  readonly provider: Provider | undefined
  /** The flat weights, written by the trainer between steps. */
  readonly weights: SharedArrayBuffer
  /** One flat gradient for each micro-batch of a step. */
  readonly gradients: SharedArrayBuffer
}

export interface MicroBatchRequest {
  readonly id: number
  readonly kind: 'gradient' | 'evaluation'
  readonly spec: BatchSpec
  readonly seed: readonly (number | string)[]
  /** Where the gradient goes. */
  readonly slot: number
  /** This micro-batch's share of the step's datasets. */
  readonly share: number
  /** Changes whenever the shared weights change. */
  readonly weightsVersion: number
}

export interface MicroBatchResult {
  readonly id: number
  /** Loss of each dataset: mean cross-entropy in nats, or CRPS in standard deviations of the training target. */
  readonly losses: readonly number[]
  /** Evaluation only: the loss of predicting each dataset's class frequencies or marginal distribution. */
  readonly baselines: readonly number[]
  /** Family of the prior that each dataset came from. */
  readonly families: readonly string[]
}

/** A micro-batch that could not be computed. */
export interface MicroBatchFailure {
  readonly id: number
  readonly error: string
  /** The prior or the provider is to blame, for a reason that the owner of the run is told. */
  readonly isExpected: boolean
}
