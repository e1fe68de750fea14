/** From a recipe of the studio to the configuration of the trainer: every hyperparameter has its place, or is refused. */
import {
  type DatasetSpec,
  datasetKey,
  type EvalSpec,
  formatOfFile,
  type Hyperparams,
} from '@posterior/contracts'
import { CompositionError, type ModelConfig } from '@posterior/model'
import { type PriorDeclaration, rangeOf } from '@posterior/prior'
import { type PinnedReference, RecipeError, type ResolvedRecipe, type RunRecipe } from '@posterior/project'
import { brainTrainingConfig } from '../run/brain-config.ts'
import { brainOfSize } from '../run/brain-sizes.ts'
import type { Budget } from '../run/budget.ts'
import { composeForPrior, type PriorTasks, tasksTogether } from '../run/composed-brain.ts'
import { declarationOf, singleSizes } from '../run/single-prior.ts'
import { type TrainingConfig, validateTrainingConfig } from '../run/training-config.ts'
import { type EvalPlan, HELD_OUT, isHeldOut } from '../score/choose-scorer.ts'
import type { StoredTable } from '../score/stored-table.ts'
import { recipePrior } from './recipe-prior.ts'

/** What is kept of a run for its trainer. */
export interface TrainingPlan {
  config: TrainingConfig
  /** What it is measured by. Absent in plans of versions that did not measure. */
  evals?: readonly EvalPlan[]
  /** Names for the first event. */
  priorId: string
  modelId: string
}

/** Larger tasks would need more memory than a server can give beside its other work. */
const MAX_TASK_ROWS = 1_024
const MAX_TASK_CELLS = 16_384
/** Rows x columns of the tasks that are computed together, at most, unless a single task has more. */
const MAX_GROUP_CELLS = 8_192
const MAX_GROUP = 16
const MAX_GROUPS = 32
/** So large that the number of tasks alone decides the size of a group. */
const NO_CELL_LIMIT = 1e9

const DEFAULT_MINUTES = 10
/** Saved states of a run with few steps; with many it saves as often as the default recipe. */
const SAVES = 10

/**
 * Check what is to be trained, before anything is queued.
 *
 * @throws RecipeError that names the field
 */
export async function planTraining(
  recipe: RunRecipe &
    Partial<Pick<ResolvedRecipe, 'evalSpecs' | 'evalDatasets' | 'maxSeconds' | 'modelSpec' | 'priorSpec'>>,
): Promise<{
  plan: TrainingPlan
  prior: RunRecipe['prior']
}> {
  const { hyperparams, model } = recipe
  const { overrides } = recipe.prior
  const choice = await recipePrior(recipe, (each) => void checkTaskSizes(each, overrides))
  const prior = declarationOf(choice)
  const steps = hyperparams.steps ?? hyperparams.epochs
  const budget = budgetOf(hyperparams, recipe.maxSeconds ?? null)
  const recipeConfig = brainTrainingConfig(choice, {
    budget,
    ...(hyperparams.seed != null && { seed: hyperparams.seed }),
  })
  const { plan, optimizer } = recipeConfig
  const largest = checkTaskSizes(prior, overrides)
  const sizes = singleSizes(choice)
  const architecture = architectureOf(recipe, { ...sizes, name: prior.slug })
  const together = mostTogether(architecture, largest)
  const config: TrainingConfig = {
    ...recipeConfig,
    architecture,
    plan: {
      ...plan,
      maxDatasets: Math.min(plan.maxDatasets, together),
      ...(hyperparams.batch_size != null && groupsOf(hyperparams.batch_size, largest.cells, together)),
    },
    optimizer: {
      ...optimizer,
      method: hyperparams.optimizer ?? optimizer.method,
      muonLearningRate: hyperparams.lr ?? optimizer.muonLearningRate,
      adamLearningRate: hyperparams.lr ?? optimizer.adamLearningRate,
      weightDecay: hyperparams.weight_decay ?? optimizer.weightDecay,
      clipNorm: hyperparams.clip_grad_norm ?? optimizer.clipNorm,
    },
    evaluateEvery: hyperparams.eval_every ?? recipeConfig.evaluateEvery,
    saveEvery:
      steps == null
        ? recipeConfig.saveEvery
        : Math.min(recipeConfig.saveEvery, Math.max(1, Math.floor(steps / SAVES))),
  }
  return {
    plan: {
      config: validateTrainingConfig(config),
      evals: evalPlans(recipe.evals, recipe.evalSpecs ?? [], recipe.evalDatasets ?? []),
      priorId: prior.id,
      modelId: model.slug,
    },
    prior:
      recipe.prior.id === null ? { ...recipe.prior, slug: prior.slug, version: prior.version } : recipe.prior,
  }
}

/** The learning rate falls in time for the last second. */
function budgetOf({ steps, epochs, minutes }: Hyperparams, maxSeconds: number | null): Budget {
  const updates = steps ?? epochs
  const asked = minutes ?? (updates == null ? DEFAULT_MINUTES : null)
  const latest =
    maxSeconds === null ? {} : { maxSeconds, minutes: Math.min(maxSeconds / 60, asked ?? Infinity) }
  const time = { ...(asked !== null && { minutes: asked }), ...latest }
  if (updates != null) return { steps: updates, ...time }
  return { minutes: DEFAULT_MINUTES, ...time }
}

/** Held-out tasks of the prior measure every run; the evals that it names come after them. */
function evalPlans(
  evals: readonly PinnedReference[],
  specs: readonly EvalSpec[],
  datasets: readonly (DatasetSpec | null)[],
): EvalPlan[] {
  const named = specs.map(({ task, dataset, metrics, baselines, code }, i): EvalPlan => {
    const names = metrics.map(({ name }) => name)
    const table = storedTableOf(datasets[i] ?? null, dataset)
    return {
      ...{ slug: evals[i]!.slug, task, dataset, metrics: names, baselines, hasCode: code !== null },
      ...(table && { table }),
    }
  })
  return named.some(isHeldOut) ? named : [HELD_OUT, ...named]
}

/** What measuring on a dataset needs; undefined where there is none, or nobody has read its table. */
function storedTableOf(spec: DatasetSpec | null, { split }: EvalSpec['dataset']): StoredTable | undefined {
  if (!spec || spec.sha256 === null) return undefined
  const { sha256, filename, target, splitColumn } = spec
  const asked = typeof split === 'string' && split !== '' ? split : 'test'
  return { key: datasetKey(spec), sha256, format: formatOfFile(filename), target, splitColumn, split: asked }
}

/** Hashes of the tables that a plan is measured on. */
export function tablesOfPlan({ evals = [] }: Pick<TrainingPlan, 'evals'>): string[] {
  return [...new Set(evals.flatMap(({ table }) => (table ? [table.sha256] : [])))]
}

/** The model of a recipe: one of the sizes, or blocks that fit the prior. */
function architectureOf(
  { model, modelSpec }: RunRecipe & Partial<Pick<ResolvedRecipe, 'modelSpec'>>,
  prior: PriorTasks,
): ModelConfig {
  if (model.size !== null) return brainOfSize(model.size, prior.task)
  if (!modelSpec) throw new RecipeError('model', `"${model.slug}" has neither a size nor blocks`)
  return asRecipe(() => composeForPrior(modelSpec.blocks, prior))
}

function mostTogether(architecture: ModelConfig, { rows, columns }: LargestTask): number {
  return asRecipe(() => tasksTogether(architecture, rows, columns))
}

function asRecipe<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof CompositionError) throw new RecipeError('model', error.message)
    throw error
  }
}

interface LargestTask {
  readonly rows: number
  readonly columns: number
  readonly cells: number
}

/** @returns most rows, columns and rows x columns of a task */
function checkTaskSizes(prior: PriorDeclaration, overrides: RunRecipe['prior']['overrides']): LargestTask {
  const shapes = Object.entries(prior.parameters).filter(([, { isShape }]) => isShape)
  let corners: Record<string, number>[] = [{}]
  for (const [name] of shapes) {
    const ends = new Set(rangeOf(prior, overrides, name))
    corners = corners.flatMap((corner) => [...ends].map((end) => ({ ...corner, [name]: end })))
  }
  let most = { rows: 1, columns: 1, cells: 1 }
  for (const corner of corners) {
    const layout = prior.layout(corner)
    if (!layout) continue
    const { rows, features, leastContext } = layout
    const shape = `${rows} rows of ${features} columns`
    if (rows > MAX_TASK_ROWS || rows * features > MAX_TASK_CELLS) {
      const limit = `${MAX_TASK_ROWS} rows and ${MAX_TASK_CELLS} cells`
      throw new RecipeError(
        'prior.overrides',
        `tasks of ${shape} are too large; at most ${limit} are possible`,
      )
    }
    if (prior.pack && Math.floor(0.9 * rows) < leastContext) {
      const needed = Math.ceil(leastContext / 0.9)
      throw new RecipeError('prior.overrides', `tasks of ${shape} are too small; they need ${needed} rows`)
    }
    if (rows * features > most.cells) most = { rows, columns: features, cells: rows * features }
  }
  return most
}

/** Deal the tasks of a step into equal groups that fit the memory. */
function groupsOf(batchSize: NonNullable<Hyperparams['batch_size']>, taskCells: number, together: number) {
  const largest = Math.max(1, Math.min(MAX_GROUP, Math.floor(MAX_GROUP_CELLS / taskCells), together))
  let group = Math.min(largest, batchSize)
  while (batchSize % group !== 0) group--
  const groups = batchSize / group
  if (groups > MAX_GROUPS) {
    const advice = `use a multiple of ${largest} up to ${largest * MAX_GROUPS}`
    throw new RecipeError(
      'hyperparams.batch_size',
      `${batchSize} tasks cannot be dealt into at most ${MAX_GROUPS} equal groups of up to ${largest}; ${advice}`,
    )
  }
  return { microBatches: groups, maxDatasets: group, cellsPerMicroBatch: NO_CELL_LIMIT }
}
