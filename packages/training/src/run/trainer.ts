/**
 * The training loop. Everything that a step does is a function of the configuration and the step's number, so a run
 * that was stopped and resumed takes the same path as one that was not.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Provider } from '@posterior/engine'
import { initialWeights, saveCheckpoint, type Weights } from '@posterior/model'
import { Random } from '@posterior/tabular'
import { ParameterLayout } from '../optimizer/flat-parameters.ts'
import { initialState, Optimizer, type OptimizerState } from '../optimizer/optimizer.ts'
import { learningRateFactor } from '../optimizer/schedule.ts'
import type { EvalPlan } from '../score/choose-scorer.ts'
import { Evaluator } from '../score/evaluator.ts'
import { GradientPool, type MicroBatch } from '../workers/gradient-pool.ts'
import { brainManifest } from './brain-manifest.ts'
import { budgetShare, isBudgetSpent, isDecayDue } from './budget.ts'
import { evaluate, mean } from './evaluation.ts'
import { keepCheckpoint } from './kept-checkpoints.ts'
import { planOf } from './prior-plan.ts'
import type { RunEvent } from './run-events.ts'
import { appendLog, loadRun, type RunProgress, saveRun } from './run-state.ts'
import { moduleOf } from './single-prior.ts'
import { GENERAL_PRIOR, type TrainingConfig, validateTrainingConfig } from './training-config.ts'
import { TrainingError } from './training-error.ts'

/** Consecutive steps without a finite gradient after which a run gives up. */
const MAX_SKIPPED_STEPS = 20
/** Folder inside the run's for weights while they are measured. */
const MEASURED = 'measured'

export interface TrainOptions {
  /** Folder of the run: state, log and, under `model/`, the averaged weights as a checkpoint. */
  readonly folder: string
  /** Parallel gradient workers, and threads inside each. */
  readonly workers: number
  readonly threads: number
  /** What computes losses and gradients; default the CPU. Another one leads to other weights. */
  readonly provider?: Provider | undefined
  /**
   * What the run is measured by before its first step, every `evaluateEvery` steps and, whatever that is, at its end.
   * Without it the losses of `evaluate` are reported, every `evaluateEvery` steps alone.
   */
  readonly evals?: readonly EvalPlan[]
  /** Folder of the tables of datasets that evals are about, each under its hash. */
  readonly tables?: string | undefined
  /** Checkpoints on the way that are kept in `checkpoints/STEP/` beside the last one; default none. */
  readonly keepCheckpoints?: number
  readonly onEvent?: (event: RunEvent) => void
  /** Aborting saves the state after the step in progress and returns. */
  readonly signal?: AbortSignal
  /** Milliseconds since any moment, for budgets in minutes; default wall time. */
  readonly clock?: () => number
}

/**
 * Train, or go on with the run that `folder` holds.
 *
 * @throws TrainingError when the folder holds a run of another configuration, or when gradients stay infinite
 */
export async function train(config: TrainingConfig, options: TrainOptions): Promise<void> {
  validateTrainingConfig(config)
  const saved = await loadRun(options.folder)
  if (saved && comparable(saved.progress.config) !== comparable(config)) {
    throw new TrainingError(
      `${options.folder} holds a run of another configuration; choose another folder or remove it`,
    )
  }
  await mkdir(options.folder, { recursive: true })
  const layout = new ParameterLayout(config.architecture)
  const state =
    saved?.state ??
    initialState(
      layout.fromWeights(initialWeights(config.architecture, Random.fromSeed(config.seed, 'weights'))),
    )
  const pool = new GradientPool(config.architecture, layout.length, {
    workers: options.workers,
    threads: options.threads,
    provider: options.provider,
    slots: config.plan.microBatches,
    module: moduleOf(config.prior),
  })
  const optimizer = await Optimizer.create(layout, config.optimizer, options.threads)
  try {
    const progress = saved?.progress ?? newProgress(config)
    const { evals, ...rest } = options
    const evaluator = evals && newEvaluator(evals, { ...rest, config, pool })
    const parts = { config, options, layout, state, progress, pool, optimizer, evaluator }
    await new Trainer(parts).run(saved !== undefined)
  } finally {
    await pool.close()
    await optimizer.release()
  }
}

/** A configuration as text; runs from before there was a choice of priors have the general one. */
function comparable({ prior = GENERAL_PRIOR, ...rest }: TrainingConfig): string {
  return JSON.stringify([prior, rest])
}

function newProgress(config: TrainingConfig): RunProgress {
  return { format: 1, config, step: 0, updates: 0, datasets: 0, seconds: 0, decayStart: null }
}

function newEvaluator(
  plans: readonly EvalPlan[],
  {
    config,
    pool,
    folder,
    tables,
    threads,
    signal,
  }: TrainOptions & { config: TrainingConfig; pool: GradientPool },
): Evaluator {
  const prior = config.prior ?? GENERAL_PRIOR
  return new Evaluator({ plans, prior, pool, tables, threads, signal, folder: join(folder, MEASURED) })
}

interface TrainerParts {
  readonly config: TrainingConfig
  readonly options: TrainOptions
  readonly layout: ParameterLayout
  readonly state: OptimizerState
  readonly progress: RunProgress
  readonly pool: GradientPool
  readonly optimizer: Optimizer
  readonly evaluator: Evaluator | undefined
}

class Trainer {
  readonly #parts: TrainerParts
  readonly #gradient: Float32Array
  readonly #clock: () => number
  /** When the training that is counted began: measuring moves it on. */
  #startedAt: number
  readonly #secondsBefore: number
  #skipped = 0

  constructor(parts: TrainerParts) {
    this.#parts = parts
    this.#gradient = new Float32Array(parts.layout.length)
    this.#secondsBefore = parts.progress.seconds
    this.#clock = parts.options.clock ?? (() => performance.now())
    this.#startedAt = this.#clock()
  }

  async run(resumed: boolean): Promise<void> {
    const { config, options, layout, progress, evaluator } = this.#parts
    await this.#emit({ type: 'started', step: progress.step, parameters: layout.length, resumed })
    if (evaluator && config.evaluateEvery > 0 && progress.step === 0) await this.#evaluate()
    while (!this.#isFinished() && !options.signal?.aborted) {
      progress.step += 1
      await this.#step()
      const { step } = progress
      const isLast = evaluator !== undefined && this.#isFinished()
      if (config.evaluateEvery > 0 && step % config.evaluateEvery === 0 && !isLast) await this.#evaluate()
      if (step % config.saveEvery === 0) await this.#save()
    }
    await this.#save()
    if (!this.#isFinished()) return
    if (evaluator) await this.#evaluate()
    if (options.signal?.aborted) return
    const { step, datasets, seconds } = progress
    await this.#emit({ type: 'finished', step, datasets, seconds })
  }

  async #step(): Promise<void> {
    const { config, state, progress, pool, optimizer } = this.#parts
    const { step } = progress
    this.#startDecayWhenDue()
    const specs = planOf(config, step)
    const microBatches: MicroBatch[] = specs.map((spec, i) => ({
      spec,
      seed: [config.seed, 'data', step, i],
    }))
    pool.setWeights(state.weights)
    const results = await pool.gradient(microBatches, this.#gradient)
    const factor = learningRateFactor(config.schedule, step, progress.decayStart)
    const gradientNorm = await optimizer.step(state, this.#gradient, factor)
    const losses = results.flatMap((result) => result.losses)
    progress.datasets += losses.length
    progress.updates = state.updates
    progress.seconds = this.#secondsBefore + (this.#clock() - this.#startedAt) / 1000
    if (!Number.isFinite(gradientNorm)) return this.#skip(gradientNorm)
    this.#skipped = 0
    await this.#emit({
      type: 'step',
      step,
      task: specs[0]!.task,
      loss: mean(losses),
      gradientNorm,
      learningRate: config.optimizer.muonLearningRate * factor,
      datasets: progress.datasets,
      seconds: progress.seconds,
      progress: this.#progress(),
    })
  }

  async #skip(gradientNorm: number): Promise<void> {
    this.#skipped += 1
    const { step } = this.#parts.progress
    await this.#emit({ type: 'skipped', step, gradientNorm: String(gradientNorm) })
    if (this.#skipped >= MAX_SKIPPED_STEPS) {
      throw new TrainingError(
        `${this.#skipped} steps in a row had no finite gradient; lower the learning rate`,
      )
    }
  }

  /** Its time is not time of training. */
  async #evaluate(): Promise<void> {
    const { config, state, progress, pool, evaluator } = this.#parts
    const start = this.#clock()
    const { step } = progress
    if (evaluator) {
      const save = (folder: string) => this.#saveModel(folder)
      for (const { slug, score } of (await evaluator.measure(state.average, save)) ?? []) {
        await this.#emit({ type: 'score', step, slug, ...score })
      }
    } else {
      pool.setWeights(state.average)
      await this.#emit({ type: 'evaluation', step, ...(await evaluate(pool, config)) })
    }
    this.#startedAt += this.#clock() - start
  }

  async #save(): Promise<void> {
    const { options, state, progress } = this.#parts
    await saveRun(options.folder, progress, state)
    const folder = join(options.folder, 'model')
    await this.#saveModel(folder)
    await keepCheckpoint(options.folder, progress.step, options.keepCheckpoints ?? 0)
    await this.#emit({ type: 'saved', step: progress.step, folder })
  }

  #saveModel(folder: string): Promise<unknown> {
    const { config, layout, state, progress } = this.#parts
    return saveCheckpoint(folder, brainManifest(config, progress), layout.toWeights(state.average) as Weights)
  }

  #startDecayWhenDue(): void {
    const { config, progress } = this.#parts
    if (progress.decayStart !== null) return
    if (isDecayDue(config.budget, config.schedule, progress)) progress.decayStart = progress.step - 1
  }

  #isFinished(): boolean {
    const { config, progress } = this.#parts
    return isBudgetSpent(config.budget, config.schedule, progress)
  }

  #progress(): number {
    const { config, progress } = this.#parts
    return budgetShare(config.budget, config.schedule, progress)
  }

  async #emit(event: RunEvent): Promise<void> {
    await appendLog(this.#parts.options.folder, event)
    this.#parts.options.onEvent?.(event)
  }
}
