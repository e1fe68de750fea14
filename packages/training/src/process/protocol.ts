/** Messages between a training process and the process that started it. */
import type { RunEvent } from '../run/run-events.ts'
import type { TrainOptions } from '../run/trainer.ts'
import type { TrainingConfig } from '../run/training-config.ts'

export type ProcessOptions = Pick<
  TrainOptions,
  'folder' | 'workers' | 'threads' | 'provider' | 'evals' | 'tables' | 'keepCheckpoints'
>

export type ToTrainer =
  | { readonly type: 'start'; readonly config: TrainingConfig; readonly options: ProcessOptions }
  | { readonly type: 'stop' }

export type FromTrainer =
  | { readonly type: 'event'; readonly event: RunEvent }
  | { readonly type: 'done'; readonly finished: boolean }
  | { readonly type: 'error'; readonly message: string; readonly isExpected: boolean }
