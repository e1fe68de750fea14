/** Settings of training runs. */
import type { TrainingLimits } from '../domain/studio/runs/training-allowance.ts'
import { integer, limit } from './setting.ts'

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
  keptCheckpoints: integer(
    'POSTERIOR_KEPT_CHECKPOINTS',
    [0, 1_000],
    5,
    'checkpoints',
    'Checkpoints on the way of a run that are kept beside its brain, the newest ones, each as large as the brain.',
  ),
  trainingAtOncePerAccount: limit(
    'POSTERIOR_TRAINING_AT_ONCE_PER_ACCOUNT',
    'runs',
    'Training runs of one account at the same time; more of them wait.',
  ),
  unfinishedRuns: limit('POSTERIOR_UNFINISHED_RUNS', 'runs', 'Most runs of one account that wait or train.'),
  dailyTrainingMinutes: limit(
    'POSTERIOR_DAILY_TRAINING_MINUTES',
    'minutes',
    'Most training of one account on this server in a day; filled again at 00:00 UTC, when runs go on that had to stop.',
  ),
} as const

/** What the settings let one account train. */
export function trainingLimitsOf(
  config: Readonly<Record<'trainingAtOncePerAccount' | 'unfinishedRuns' | 'dailyTrainingMinutes', number>>,
): TrainingLimits {
  const orNone = (value: number) => (value === 0 ? null : value)
  return {
    runsAtOnce: orNone(config.trainingAtOncePerAccount),
    unfinishedRuns: orNone(config.unfinishedRuns),
    dailyMinutes: orNone(config.dailyTrainingMinutes),
  }
}
