/** Everything that defines a training run. Two runs of one configuration give the same weights, bit for bit. */
import { type ModelConfig, PRESETS, type PresetName, validateConfig } from '@posterior/model'
import type { DeclaredModule, Overrides } from '@posterior/prior'
import type { BatchPlan } from '../curriculum.ts'
import type { OptimizerOptions } from '../optimizer/optimizer.ts'
import type { Schedule } from '../optimizer/schedule.ts'
import { type Budget, checkBudget } from './budget.ts'
import { composeForPrior } from './composed-brain.ts'
import { declarationOf, type SinglePrior, singlePrior, singleSizes } from './single-prior.ts'

/** What a model is trained on: tables of every kind, or the tasks of one prior of the catalogue or of a user. */
export type PriorChoice =
  | { readonly kind: 'general' }
  | { readonly kind: 'catalogue'; readonly id: string; readonly overrides: Overrides }
  | { readonly kind: 'module'; readonly module: DeclaredModule; readonly overrides: Overrides }

export const GENERAL_PRIOR: PriorChoice = { kind: 'general' }

export interface TrainingConfig {
  /** Name of the model that comes out. */
  readonly name: string
  readonly version: string
  readonly architecture: ModelConfig
  readonly seed: number
  readonly budget: Budget
  /** Default: the general prior, which runs from before there was a choice were trained on. */
  readonly prior?: PriorChoice
  readonly plan: BatchPlan
  readonly optimizer: OptimizerOptions
  readonly schedule: Schedule
  /** Steps between two evaluations on held-out synthetic datasets; 0 for none. */
  readonly evaluateEvery: number
  /** Steps between two saved states. */
  readonly saveEvery: number
}

/** The run that `posterior train` does when nothing else is asked for: the nano model on a CPU. */
export function defaultTrainingConfig(preset: PresetName = 'nano'): TrainingConfig {
  return {
    name: preset,
    version: '0.1.0',
    architecture: PRESETS[preset],
    seed: 1,
    budget: { minutes: 60 },
    prior: GENERAL_PRIOR,
    plan: {
      phases: [
        { untilStep: 250, stage: 'easy', rows: [32, 128], columns: [2, 4], maxCells: 512, maxClasses: 3 },
        {
          untilStep: 1200,
          stage: 'general',
          rows: [48, 256],
          columns: [2, 12],
          maxCells: 2048,
          maxClasses: 6,
        },
        { stage: 'general', rows: [64, 900], columns: [2, 24], maxCells: 8192, maxClasses: 10 },
      ],
      microBatches: 6,
      cellsPerMicroBatch: 8192,
      maxDatasets: 8,
      classificationShare: 0.6,
    },
    optimizer: {
      method: 'muon',
      muonLearningRate: 3e-3,
      adamLearningRate: 3e-3,
      weightDecay: 0.01,
      clipNorm: 1,
      averageDecay: 0.999,
    },
    schedule: { warmupSteps: 100, decayShare: 0.25 },
    evaluateEvery: 250,
    saveEvery: 250,
  }
}

/** @throws RangeError that names the field and what it must be */
export function validateTrainingConfig(config: TrainingConfig): TrainingConfig {
  validateConfig(config.architecture)
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(config.name)) {
    throw new RangeError(`name must be 1 to 64 of a-z, 0-9, ".", "_" and "-", it is "${config.name}"`)
  }
  checkBudget(config.budget)
  const { phases, microBatches, classificationShare } = config.plan
  checkPrior(config.prior)
  const single = singlePrior(config.prior)
  if (single) validateSinglePlan(single, config.plan)
  else if (phases.length === 0 || phases.at(-1)!.untilStep !== undefined) {
    throw new RangeError('plan.phases needs a last phase without untilStep')
  }
  if (!Number.isInteger(microBatches) || microBatches < 1 || microBatches > 1024) {
    throw new RangeError(`plan.microBatches must be a whole number from 1 to 1024, it is ${microBatches}`)
  }
  if (!(classificationShare >= 0 && classificationShare <= 1)) {
    throw new RangeError(`plan.classificationShare must be from 0 to 1, it is ${classificationShare}`)
  }
  checkComposition(config)
  const { decayShare } = config.schedule
  if (!(decayShare > 0 && decayShare < 1)) {
    throw new RangeError(`schedule.decayShare must be between 0 and 1, it is ${decayShare}`)
  }
  return config
}

/** A composed model answers one task, and often tables of one width. */
function checkComposition({ architecture, prior }: TrainingConfig): void {
  const single = singlePrior(prior)
  if (architecture.architecture !== 'composition-1') {
    if (!single || declarationOf(single).task !== 'discovery') return
    throw new RangeError(
      `${declarationOf(single).id} asks for graphs, and the model answers rows; train a composed model on it`,
    )
  }
  if (!single)
    throw new RangeError('a composed model answers one task; train it on a prior of one kind of task')
  const { id } = declarationOf(single)
  composeForPrior(architecture.blocks, { ...singleSizes(single), name: id }, architecture.columns)
}

/** A configuration may come from a file. */
function checkPrior(prior: PriorChoice | undefined): void {
  if (prior === undefined || prior.kind === 'general') return
  const { kind, overrides } = prior
  if (kind !== 'catalogue' && kind !== 'module')
    throw new RangeError(`prior.kind must be general, catalogue or module, it is ${String(kind)}`)
  if (kind === 'catalogue' && typeof prior.id !== 'string')
    throw new RangeError('prior.id must be the id of a prior of the catalogue')
  if (typeof overrides !== 'object' || overrides === null || Array.isArray(overrides)) {
    throw new RangeError('prior.overrides must be an object, {} for none')
  }
}

/** Such a prior has sizes and a task of its own; a plan that says otherwise would be ignored, so it is refused. */
function validateSinglePlan(single: SinglePrior, { phases, classificationShare }: BatchPlan): void {
  const prior = declarationOf(single)
  if (phases.length > 0) {
    throw new RangeError(
      `plan.phases must be [] for ${prior.id}, whose parameters give the sizes of its tasks`,
    )
  }
  const share = prior.task === 'classification' ? 1 : 0
  if (classificationShare !== share) {
    throw new RangeError(
      `plan.classificationShare must be ${share} for ${prior.id}, which is ${prior.task}, it is ${classificationShare}`,
    )
  }
}
