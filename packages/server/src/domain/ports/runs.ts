/** Training runs: what is remembered of them, and what trains. */
import type { BrainInputs, ComputeProvider, RUN_EVENTS, RunResults, RunStatus } from '@posterior/contracts'
import type { ResolvedRecipe, RunRecipe } from '@posterior/project'

export type { PinnedReference, ResolvedRecipe, RunRecipe } from '@posterior/project'

/** Where a run trains. */
export interface RunCompute {
  target: 'server' | 'runner'
  /** The runner that was asked for; null for any that may. */
  runner: { id: string; name: string } | null
  /** What computes. */
  provider: ComputeProvider
  /** Time of training after which it ends; null for what its hyperparameters say. */
  maxSeconds: number | null
}

export interface Run extends RunRecipe {
  id: string
  projectId: string
  /** Who ordered it: whose training it is; null when the account is gone, and for runs from before it was kept. */
  accountId: string | null
  slug: string
  description: string | null
  status: RunStatus
  /** What the trainer made of the recipe: JSON that it alone reads, so that a run goes on with what it began with. */
  plan: unknown
  compute: RunCompute
  results: RunResults | null
  /** Why it failed or was skipped. */
  error: string | null
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
}

/** What may change of a run. */
export type RunChange = Partial<Pick<Run, 'status' | 'results' | 'error' | 'startedAt' | 'finishedAt'>>

/** An event, before it has a number. */
export interface NewRunEvent {
  ts: number
  event: (typeof RUN_EVENTS)[number]
  fields: Readonly<Record<string, unknown>>
}

export interface StoredRunEvent extends NewRunEvent {
  /** 1, 2, ... within the run. */
  seq: number
}

/** Most runs of a project, of them unfinished, and unfinished ones of one account; null: no limit. */
export interface RunLimits {
  runs: number
  unfinished: number
  accountUnfinished: number | null
}

export type FullQueue = 'too many unfinished' | 'too many of the account'

export interface RunStore {
  /**
   * @param slug null for the next of `v0_1`, `v0_2`, ...
   * @throws AppError NOT_FOUND when the project is gone
   */
  insert(
    run: Omit<Run, 'slug'> & { slug: string | null },
    limits: RunLimits,
  ): Promise<Run | 'slug taken' | 'too many' | FullQueue>
  /** Queue a draft, behind those that wait. `not draft`: it is none any more. */
  submit(run: Run, limits: RunLimits, now: number): Promise<'submitted' | 'not draft' | FullQueue>
  /**
   * Have a run that waits, or a draft, train elsewhere (`run.compute`), as one of the account `run.accountId`.
   *
   * @returns the run as it is now; `not waiting`: it trains, or is over
   */
  move(
    run: Pick<Run, 'id' | 'accountId' | 'compute'>,
    limits: Pick<RunLimits, 'accountUnfinished'>,
    event: NewRunEvent,
  ): Promise<Run | 'not waiting' | FullQueue>
  /** By id or slug. */
  find(projectId: string, handle: string): Promise<Run | undefined>
  /** Oldest first. */
  list(projectId: string): Promise<Run[]>
  /** The queued runs that train here: the one that waits longest of each account. */
  nextQueued(): Promise<Run[]>
  /** Record that a queued run trains here from now on. @returns undefined when it is not queued, or trains elsewhere */
  begin(id: string, startedAt: number): Promise<Run | undefined>
  /** Change the run if it has one of these statuses, and append an event in the same transaction. @returns whether it had */
  change(id: string, from: readonly RunStatus[], change: RunChange, event?: NewRunEvent): Promise<boolean>
  /** Queue again every run that is recorded as running here. */
  requeueRunning(): Promise<void>
  /** With its events. */
  remove(id: string): Promise<void>
  /** Those of the ids that are runs. */
  existing(ids: readonly string[]): Promise<string[]>
  /** Append while the run is recorded as running; dropped otherwise. */
  addEvents(id: string, events: readonly NewRunEvent[]): Promise<void>
  /** Fields of the events `eval` of these steps, oldest first. */
  evalsAt(id: string, steps: readonly number[]): Promise<Record<string, unknown>[]>
  /** Those after `after`, oldest first. */
  events(id: string, after: number, limit: number): Promise<StoredRunEvent[]>
}

/** Time of training on this server, by account and day (UTC, `2026-11-22`). */
export interface TrainingUsageStore {
  /** Milliseconds. */
  trained(accountId: string, day: string): Promise<number>
  add(accountId: string, day: string, milliseconds: number): Promise<void>
  /** Remove the sums of the days before this one. */
  removeOld(before: string): Promise<void>
}

/** How training ended by itself. `skipped`: no step changed the weights. */
export type TrainingOutcome =
  | { kind: 'completed'; results: RunResults }
  | { kind: 'skipped'; reason: string }
  | { kind: 'stopped' }

/** The process ended before the run did; it goes on from its saved state when it is started again. */
export class TrainerLost extends Error {
  override readonly name = 'TrainerLost'
}

/** The run cannot go on, for a reason that its owner is told. */
export class TrainingFailed extends Error {
  override readonly name = 'TrainingFailed'
}

/** Training that is going on. */
export interface RunningTraining {
  /** Rejects with TrainerLost, TrainingFailed, or with a fault of the program. */
  done: Promise<TrainingOutcome>
  /** Save after the step in progress and end with `stopped`; a process that does not is killed. */
  stop(): void
}

/** A checkpoint that has been verified, and is no brain yet. */
export interface ReceivedCheckpoint {
  /** Unpacked. */
  bytes: number
  inputs: BrainInputs
  /** Put it in the place of the run's brain. */
  keep(): Promise<void>
  /** Remove it; nothing happens after `keep`. */
  discard(): Promise<void>
}

/** The saved state of a run that has been verified, and that nothing goes on from yet. */
export interface ReceivedState {
  /** Of its files, unpacked. */
  bytes: number
  step: number
  /** Put it in the place of what the run has saved. */
  keep(): Promise<void>
  /** Remove it; nothing happens after `keep`. */
  discard(): Promise<void>
}

/** A model of a run as it was at a step. */
export interface StoredCheckpoint {
  step: number
  savedAt: number
  /** Of the weights file, in hex. */
  sha256: string
  /** Of the weights file. */
  bytes: number
  /** Whether it is what questions to the run are answered by, once the run is completed. */
  isLast: boolean
}

/** The two files of a model. */
export interface CheckpointFiles {
  manifest: Uint8Array
  weights: Uint8Array
}

export interface Trainer {
  /**
   * Check that this can be trained, before it is queued.
   *
   * @returns the plan, as JSON, and the prior as it is known
   * @throws AppError REQUEST_VALIDATION_ERROR that names the field of the request
   */
  plan(recipe: ResolvedRecipe): Promise<{ plan: unknown; prior: RunRecipe['prior'] }>
  /** Hashes of the tables of datasets that a plan is measured on. */
  tables(plan: unknown): Promise<string[]>
  /** Train, or go on with what an earlier start saved. */
  start(
    run: Pick<Run, 'id' | 'plan' | 'compute'>,
    onEvent: (event: Omit<NewRunEvent, 'ts'>) => void,
  ): RunningTraining
  /** Why this machine cannot compute on a provider; null when it can. */
  problemOf(provider: ComputeProvider): Promise<string | null>
  /**
   * Take a checkpoint that was trained elsewhere, as a tar.gz: what is not one of this run's model, whole and finite, is
   * refused, and nothing of it is kept. It becomes the run's brain by `keep`.
   *
   * @throws AppError CHECKPOINT_INVALID, PAYLOAD_TOO_LARGE, STORAGE_FULL
   */
  receive(run: Pick<Run, 'id' | 'plan'>, archive: AsyncIterable<Uint8Array>): Promise<ReceivedCheckpoint>
  /**
   * Take the saved state of a run that trains elsewhere, as a tar.gz: what is no state of this run, or not finite, is
   * refused. The run goes on from it, and has a checkpoint of it, by `keep`.
   *
   * @throws AppError CHECKPOINT_INVALID, PAYLOAD_TOO_LARGE, STORAGE_FULL
   */
  receiveState(run: Pick<Run, 'id' | 'plan'>, archive: AsyncIterable<Uint8Array>): Promise<ReceivedState>
  /** The step of the state that is saved here; undefined when there is none. */
  savedStep(id: string): Promise<number | undefined>
  /** That state as a tar.gz. */
  state(id: string): Promise<Uint8Array | undefined>
  /** Manifest and weights of the brain of a run; undefined when it has none. */
  brain(id: string): Promise<CheckpointFiles | undefined>
  /** The models of a run that are kept, by step. */
  checkpoints(id: string): Promise<StoredCheckpoint[]>
  /** Files of the one of a step; undefined when it is not there. */
  checkpoint(id: string, step: number): Promise<CheckpointFiles | undefined>
  /** Ids of runs with files. */
  list(): Promise<string[]>
  /** Remove the files of a run that is not training. */
  remove(id: string): Promise<void>
}
