/** The default recipe of a brain: a small model on one prior, minutes on a CPU. */
import { PRESETS, type PresetName } from '@posterior/model'
import { brainOfSize } from './brain-sizes.ts'
import { declarationOf, type SinglePrior } from './single-prior.ts'
import { defaultTrainingConfig, type TrainingConfig } from './training-config.ts'

export interface BrainOptions {
  /** Sizes of the model; default nano. */
  readonly preset?: PresetName
  /** Default: the slug of the prior. */
  readonly name?: string
  readonly seed?: number
  /** Default: 10 minutes. */
  readonly budget?: TrainingConfig['budget']
}

/** Brains of graphs come in sizes of their own. */
const SIZE_OF = { nano: 'quick', small: 'steady', medium: 'deep' } as const satisfies Record<
  PresetName,
  string
>

/**
 * The configuration of a run on a prior of one kind of task.
 *
 * @throws PriorError when the prior cannot be trained on with these overrides
 */
export function brainTrainingConfig(prior: SinglePrior, options: BrainOptions = {}): TrainingConfig {
  const { slug, task } = declarationOf(prior)
  return {
    ...defaultTrainingConfig('nano'),
    name: options.name ?? slug,
    architecture:
      task === 'discovery'
        ? brainOfSize(SIZE_OF[options.preset ?? 'nano'], task)
        : PRESETS[options.preset ?? 'nano'],
    seed: options.seed ?? 1,
    budget: options.budget ?? { minutes: 10 },
    prior,
    plan: {
      phases: [],
      microBatches: 2,
      cellsPerMicroBatch: 4096,
      maxDatasets: 16,
      maxQueries: 64,
      growSteps: 600,
      classificationShare: task === 'classification' ? 1 : 0,
    },
    optimizer: {
      method: 'muon',
      muonLearningRate: 3e-3,
      adamLearningRate: 3e-3,
      weightDecay: 0.01,
      clipNorm: 1,
      averageDecay: 0.995,
    },
    schedule: { warmupSteps: 50, decayShare: 0.4 },
  }
}
