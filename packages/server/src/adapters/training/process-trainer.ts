/** Trains in child processes at low priority, each in a folder of its own. */
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type ComputeProvider, MAX_RUN_STEPS } from '@posterior/contracts'
import { readManifest } from '@posterior/model'
import { writeTar } from '@posterior/project'
import type { TrainingPlan, TrainingRun } from '@posterior/training'
import {
  type CheckpointFiles,
  type ReceivedCheckpoint,
  type ReceivedState,
  type ResolvedRecipe,
  type Run,
  type RunningTraining,
  type StoredCheckpoint,
  type Trainer,
  TrainerLost,
  TrainingFailed,
  type TrainingOutcome,
} from '../../domain/ports/runs.ts'
import { refuseRecipe } from '../../domain/studio/runs/refuse-recipe.ts'
import { listNames } from '../blobs/durable-fs.ts'
import { CheckpointInbox, INBOX } from './checkpoint-inbox.ts'
import { findCheckpoint, listCheckpoints, readCheckpoint } from './stored-checkpoints.ts'
import { Turns } from './turns.ts'

const pack = promisify(gzip)

/** As low as it goes: predictions come first. */
const NICENESS = 19
/** A process that was told to stop and has not ended by then is killed; its last saved state remains. */
const PLANS_AT_ONCE = 2
const STOP_MS = 20_000

/** Loaded when it is needed, because it brings the native libraries of the engine. */
const loadTraining = () => import('@posterior/training')

type OnEvent = Parameters<Trainer['start']>[1]

export interface ProcessTrainerOptions {
  /** Each run has a folder in it. */
  folder: string
  /** Where the tables of datasets are, each under its hash. */
  tables?: string
  /** Threads of one run; 0 for the processors of this machine. They do not change the outcome. */
  workers: number
  /** Checkpoints on the way of a run that are kept; default 0. */
  keptCheckpoints?: number
  /** Called when a process has been started for a run. */
  onProcess?: (runId: string, processId: number) => void
}

/** What a start needs of a run; without `compute` it trains on the CPU. */
type StartedRun = Pick<Run, 'id' | 'plan'> & Partial<Pick<Run, 'compute'>>

type StartOptions = ProcessTrainerOptions & { provider: ComputeProvider | undefined }

export class ProcessTrainer implements Trainer {
  readonly #options: ProcessTrainerOptions
  readonly #inbox: CheckpointInbox
  /** A plan may run code of the project in a process of its own. */
  readonly #planning = new Turns(PLANS_AT_ONCE)

  constructor(options: ProcessTrainerOptions) {
    this.#options = { ...options, workers: options.workers || availableParallelism() }
    this.#inbox = new CheckpointInbox(options.folder)
  }

  async plan(recipe: ResolvedRecipe): ReturnType<Trainer['plan']> {
    const { planTraining } = await loadTraining()
    try {
      return await this.#planning.run(() => planTraining(recipe))
    } catch (error) {
      return refuseRecipe(error)
    }
  }

  async tables(plan: unknown): Promise<string[]> {
    return (await loadTraining()).tablesOfPlan(plan as TrainingPlan)
  }

  start({ id, plan, compute }: StartedRun, onEvent: OnEvent): RunningTraining {
    const options = { ...this.#options, provider: compute?.provider }
    const training = new ProcessTraining(id, plan as TrainingPlan, options)
    return { done: training.run(onEvent), stop: () => training.stop() }
  }

  async problemOf(provider: ComputeProvider): Promise<string | null> {
    const { tryProviders } = await import('@posterior/engine')
    return (await tryProviders()).find((trial) => trial.provider === provider)?.problem ?? null
  }

  async receive(
    { id, plan }: { id: string; plan: unknown },
    archive: AsyncIterable<Uint8Array>,
  ): Promise<ReceivedCheckpoint> {
    const { brainInputsOf, brainManifest } = await loadTraining()
    const facts = brainManifest((plan as TrainingPlan).config, { step: 0, datasets: 0, seconds: 0 })
    const { bytes, folder } = await this.#inbox.take(id, archive, facts)
    return {
      bytes,
      inputs: brainInputsOf(await readManifest(folder)),
      keep: () => this.#inbox.place(id, folder),
      discard: () => this.#inbox.drop(folder),
    }
  }

  async receiveState(
    { id, plan }: { id: string; plan: unknown },
    archive: AsyncIterable<Uint8Array>,
  ): Promise<ReceivedState> {
    const { keepCheckpoint, stateBytes } = await loadTraining()
    const { config } = plan as TrainingPlan
    const { steps = MAX_RUN_STEPS } = config.budget
    const order = { config, stateBytes: stateBytes(config, steps) }
    const { bytes, step, folder } = await this.#inbox.takeState(id, archive, order)
    const keep = async () => {
      await this.#inbox.placeState(id, folder)
      await keepCheckpoint(join(this.#options.folder, id), step, this.#options.keptCheckpoints ?? 0)
    }
    return { bytes, step, keep, discard: () => this.#inbox.drop(folder) }
  }

  async savedStep(id: string): Promise<number | undefined> {
    const { savedStep } = await loadTraining()
    return savedStep(join(this.#options.folder, id))
  }

  async state(id: string): Promise<Uint8Array | undefined> {
    const { packState } = await loadTraining()
    const packed = await packState(join(this.#options.folder, id))
    return packed && pack(writeTar(packed.files))
  }

  async brain(id: string): Promise<CheckpointFiles | undefined> {
    return readCheckpoint(join(this.#options.folder, id, 'model'))
  }

  checkpoints(id: string): Promise<StoredCheckpoint[]> {
    return listCheckpoints(join(this.#options.folder, id))
  }

  checkpoint(id: string, step: number): Promise<CheckpointFiles | undefined> {
    return findCheckpoint(join(this.#options.folder, id), step)
  }

  async list(): Promise<string[]> {
    return (await listNames(this.#options.folder)).filter((name) => name !== INBOX)
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.#options.folder, id), { recursive: true, force: true, maxRetries: 5 })
  }
}

class ProcessTraining {
  readonly #id: string
  readonly #plan: TrainingPlan
  readonly #options: StartOptions
  #run: TrainingRun | undefined
  #isStopped = false

  constructor(id: string, plan: TrainingPlan, options: StartOptions) {
    this.#id = id
    this.#plan = plan
    this.#options = options
  }

  async run(onEvent: OnEvent): Promise<TrainingOutcome> {
    const { workers, tables, keptCheckpoints = 0, provider, onProcess } = this.#options
    const folder = join(this.#options.folder, this.#id)
    const { readOutcome, startTrainingRun, studioEvent, TrainingError, TrainingInterrupted } =
      await loadTraining()
    if (this.#isStopped) return { kind: 'stopped' }
    const { config, evals } = this.#plan
    this.#run = startTrainingRun(config, {
      folder,
      workers: Math.min(workers, config.plan.microBatches),
      threads: 1,
      provider,
      niceness: NICENESS,
      keepCheckpoints: keptCheckpoints,
      ...(evals && { evals, tables }),
      onEvent: (event) => {
        const told = studioEvent(event, this.#plan)
        if (told) onEvent(told)
      },
    })
    onProcess?.(this.#id, this.#run.processId)
    try {
      const isFinished = await this.#run.done
      return isFinished ? await readOutcome(folder) : { kind: 'stopped' }
    } catch (error) {
      if (this.#isStopped) return { kind: 'stopped' }
      if (error instanceof TrainingInterrupted) throw new TrainerLost(error.message, { cause: error })
      if (error instanceof TrainingError) throw new TrainingFailed(error.message, { cause: error })
      throw error
    }
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    const run = this.#run
    if (!run) return
    run.stop()
    const timer = setTimeout(() => kill(run.processId), STOP_MS)
    timer.unref()
    run.done.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    )
  }
}

function kill(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
