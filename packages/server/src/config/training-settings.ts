/** Settings of training runs. */
import { integer } from './setting.ts'

export const TRAINING_SETTINGS = {
  trainingAtOnce: integer(
    'POSTERIOR_TRAINING_AT_ONCE',
    [0, 64],
    1,
    'runs',
    'Training runs at the same time; more wait in the queue. 0: all wait.',
  ),
  trainingWorkers: integer(
    'POSTERIOR_TRAINING_WORKERS',
    [0, 256],
    0,
    'threads',
    'Compute threads of one training run, at the lowest priority; 0 uses the processors of this machine or container.',
  ),
} as const
