/** Training runs of projects: order, move, watch, cancel, delete. */
import { isDeepStrictEqual } from 'node:util'
import {
  isRunOver,
  MAX_EVENT_PAGE,
  MAX_PROJECT_RUNS,
  MAX_UNFINISHED_RUNS,
  type RunCopyOrder,
  type RunListQuery,
  type RunMove,
  type RunOrder,
} from '@posterior/contracts'
import { type ArtefactLookup, resolveRecipe } from '@posterior/project'
import { AppError } from '../../app-error.ts'
import type { RunnerStore } from '../../ports/runners.ts'
import type {
  FullQueue,
  NewRunEvent,
  PinnedReference,
  Run,
  RunLimits,
  RunStore,
  StoredRunEvent,
  Trainer,
} from '../../ports/runs.ts'
import type { ArtefactStore, Project } from '../../ports/studio.ts'
import type { Clock, Ids, Log } from '../../ports/system.ts'
import { limitReached, type Projects } from '../projects.ts'
import { resolveCompute } from '../runners/compute-target.ts'
import { Changes } from './changes.ts'
import { lookupIn, lookupOfRun } from './lookup.ts'
import { movedCompute, movedEvent, notWaiting } from './move.ts'
import { refuseRecipe } from './refuse-recipe.ts'
import { RunQueue } from './run-queue.ts'
import type { TrainingAllowance, TrainingStanding } from './training-allowance.ts'

export interface RunsDeps {
  projects: Pick<Projects, 'require'>
  artefacts: ArtefactStore
  runs: RunStore
  runners: Pick<RunnerStore, 'listForProject'>
  trainer: Trainer
  clock: Clock
  ids: Ids
  log: Log
  /** Runs that train at the same time. */
  atOnce: number
  allowance: TrainingAllowance
  /** Called when a run waits for a runner. */
  onWork: () => void
}

/** Which run: in a project (id or slug), by id or slug. */
export interface RunAddress {
  project: string
  run: string
}

/** Every method with an account throws AppError NOT_FOUND for what it may not see; those that change something ROLE_TOO_LOW for viewers. */
export class Runs {
  readonly #deps: RunsDeps
  readonly #queue: RunQueue
  readonly #changes = new Changes()

  constructor(deps: RunsDeps) {
    this.#deps = deps
    this.#queue = new RunQueue({ ...deps, store: deps.runs, onChange: (id) => this.#changes.tell(id) })
  }

  /**
   * Queue a run, or keep it as a draft.
   *
   * @throws AppError REQUEST_VALIDATION_ERROR for what cannot be trained, RUN_SLUG_TAKEN, STUDIO_LIMIT_REACHED,
   *   TOO_MANY_RUNS, INSUFFICIENT_QUOTA
   */
  async create(accountId: string, projectHandle: string, order: RunOrder): Promise<Run> {
    const { projects, artefacts } = this.#deps
    const { project } = await projects.require(accountId, projectHandle, 'editor')
    return this.#order(accountId, project, order, lookupIn(artefacts, project.id))
  }

  async #order(accountId: string, project: Project, order: RunOrder, lookup: ArtefactLookup): Promise<Run> {
    const { runs, runners, trainer, clock, ids } = this.#deps
    const resolved = await resolveRecipe(lookup, order).catch(refuseRecipe)
    const { evalSpecs: _, modelSpec: __, evalDatasets: ___, maxSeconds, ...recipe } = resolved
    const compute = { ...(await resolveCompute({ runners, trainer }, project.id, order.compute)), maxSeconds }
    const status = order.status ?? 'queued'
    const id = ids.newId()
    const { plan, prior } = await trainer.plan(resolved)
    const limits = await this.#limits(accountId, compute.target, status)
    const stored = await runs.insert(
      {
        ...recipe,
        ...{ prior, plan, compute, id, projectId: project.id, accountId },
        slug: order.slug ?? null,
        description: order.description ?? null,
        status,
        results: null,
        error: null,
        createdAt: clock.now(),
        startedAt: null,
        finishedAt: null,
      },
      limits,
    )
    if (stored === 'slug taken') throw new AppError('RUN_SLUG_TAKEN', { params: { slug: order.slug ?? '' } })
    if (stored === 'too many') throw limitReached('Another run', `${MAX_PROJECT_RUNS} runs of a project`)
    if (typeof stored === 'string') throw queueIsFull(stored, limits)
    if (status === 'queued') this.#wake(stored)
    return stored
  }

  /** Order the run again, as it was ordered but for `change`. @throws AppError as `create` */
  async duplicate(accountId: string, address: RunAddress, change: RunCopyOrder): Promise<Run> {
    const { project } = await this.#deps.projects.require(accountId, address.project, 'editor')
    const run = await this.#find(project.id, address)
    const order = orderOf(run)
    const { hyperparams, compute, ...rest } = change ?? {}
    const changed = {
      ...order,
      ...rest,
      hyperparams: { ...order.hyperparams, ...hyperparams },
      compute: { ...order.compute, ...compute },
    }
    return this.#order(
      accountId,
      project,
      changed,
      lookupOfRun(lookupIn(this.#deps.artefacts, project.id), run),
    )
  }

  /**
   * Queue a draft.
   *
   * @throws AppError RUN_NOT_DRAFT, STUDIO_LIMIT_REACHED, TOO_MANY_RUNS, INSUFFICIENT_QUOTA
   */
  async submit(accountId: string, address: RunAddress): Promise<Run> {
    const { projects, runs, clock } = this.#deps
    const { project } = await projects.require(accountId, address.project, 'editor')
    const run = { ...(await this.#find(project.id, address)), accountId }
    if (run.status !== 'draft') throw new AppError('RUN_NOT_DRAFT', { params: { status: run.status } })
    const limits = await this.#limits(accountId, run.compute.target, 'queued')
    const answer = await runs.submit(run, limits, clock.now())
    const now = await this.#find(project.id, { ...address, run: run.id })
    if (answer === 'not draft') throw new AppError('RUN_NOT_DRAFT', { params: { status: now.status } })
    if (answer !== 'submitted') throw queueIsFull(answer, limits)
    this.#changes.tell(run.id)
    this.#wake(now)
    return now
  }

  /**
   * Have a run that waits, or a draft, train elsewhere, from the state that it is saved in. It counts as a run of this account
   * from now on.
   *
   * @throws AppError RUN_NOT_WAITING, REQUEST_VALIDATION_ERROR, TOO_MANY_RUNS, INSUFFICIENT_QUOTA
   */
  async move(accountId: string, address: RunAddress, to: RunMove): Promise<Run> {
    const { projects, runs, clock } = this.#deps
    const { project } = await projects.require(accountId, address.project, 'editor')
    const run = await this.#find(project.id, address)
    if (run.status !== 'draft' && run.status !== 'queued') throw notWaiting(run)
    const compute = await movedCompute(this.#deps, run, to)
    if (isDeepStrictEqual(compute, run.compute)) return run
    const limits = await this.#limits(accountId, compute.target, run.status)
    const event = movedEvent(compute, clock.now())
    const moved = await runs.move({ id: run.id, accountId, compute }, limits, event)
    if (moved === 'not waiting') throw notWaiting(await this.#find(project.id, { ...address, run: run.id }))
    if (typeof moved === 'string') throw queueIsFull(moved, limits)
    this.#changes.tell(run.id)
    if (moved.status === 'queued') this.#wake(moved)
    return moved
  }

  /** A page of the runs of these statuses, and how many there are. */
  async list(
    accountId: string,
    projectHandle: string,
    { status, order = 'oldest', limit, offset = 0 }: RunListQuery = {},
  ): Promise<{ runs: Run[]; total: number }> {
    const { project } = await this.#deps.projects.require(accountId, projectHandle)
    const all = await this.#deps.runs.list(project.id)
    const wanted = status ? all.filter((run) => status.includes(run.status)) : all
    if (order === 'newest') wanted.reverse()
    return {
      runs: wanted.slice(offset, limit === undefined ? undefined : offset + limit),
      total: wanted.length,
    }
  }

  /** How long the account has trained on this server today. */
  trainingStanding(accountId: string): Promise<TrainingStanding> {
    return this.#deps.allowance.standing(accountId)
  }

  async get(accountId: string, address: RunAddress): Promise<Run> {
    const { project } = await this.#deps.projects.require(accountId, address.project)
    return this.#find(project.id, address)
  }

  /**
   * Take a run out of the queue, or stop its training. Resolves when its process has ended.
   *
   * @throws AppError RUN_OVER when it ended otherwise before
   */
  async cancel(accountId: string, address: RunAddress): Promise<Run> {
    const { projects, runs, clock } = this.#deps
    const { project } = await projects.require(accountId, address.project, 'editor')
    const { id } = await this.#find(project.id, address)
    const ts = clock.now()
    const event: NewRunEvent = { ts, event: 'done', fields: { status: 'cancelled' } }
    await runs.change(id, ['draft', 'queued', 'running'], { status: 'cancelled', finishedAt: ts }, event)
    this.#changes.tell(id)
    await this.#queue.stop(id)
    const run = await this.#find(project.id, { ...address, run: id })
    if (run.status !== 'cancelled') throw new AppError('RUN_OVER', { params: { status: run.status } })
    return run
  }

  /** Delete a run with its brain; a run that trains is stopped. */
  async remove(accountId: string, address: RunAddress): Promise<void> {
    const { projects, runs } = this.#deps
    const { project } = await projects.require(accountId, address.project, 'editor')
    const { id } = await this.#find(project.id, address)
    await runs.remove(id)
    await this.removeOrphans()
  }

  /** Events after number `after`, oldest first, and the run as it was before they were read. */
  async events(
    accountId: string,
    address: RunAddress,
    { after = 0, limit = MAX_EVENT_PAGE }: { after?: number | undefined; limit?: number | undefined },
  ): Promise<{ run: Run; events: StoredRunEvent[]; more: boolean }> {
    const run = await this.get(accountId, address)
    const found = await this.#deps.runs.events(run.id, after, limit + 1)
    return { run, events: found.slice(0, limit), more: found.length > limit }
  }

  /**
   * Events after number `after` as they come, until the run is over, it or the access to it is gone, or `signal` is
   * aborted. An empty list says that nothing happened for `idleMs`.
   */
  async *follow(
    accountId: string,
    address: RunAddress,
    { after = 0, idleMs, signal }: { after?: number | undefined; idleMs: number; signal: AbortSignal },
  ): AsyncGenerator<StoredRunEvent[]> {
    const { id } = await this.get(accountId, address)
    const watched = { ...address, run: id }
    let last = after
    while (!signal.aborted && !this.#changes.isClosed) {
      const changed = this.#changes.next(id, { idleMs, signal })
      const page = await this.events(accountId, watched, { after: last }).catch(endWhenGone)
      if (!page) return
      if (page.events.length > 0) yield page.events
      last = page.events.at(-1)?.seq ?? last
      if (page.more) continue
      if (isRunOver(page.run.status)) return
      if ((await changed) === 'idle') yield []
    }
  }

  /** Tell who watches a run that it has changed. */
  tell(runId: string): void {
    this.#changes.tell(runId)
  }

  /** Begin to train. */
  async open(): Promise<void> {
    await this.removeOrphans()
    await this.#queue.open()
  }

  /** End the streams of events; followers come back to the next start. */
  endStreams(): void {
    this.#changes.close()
  }

  /** Stop all training; it goes on at the next start. */
  async close(): Promise<void> {
    await this.#queue.close()
  }

  /** Stop and remove what belongs to no run any more: after runs, projects or accounts were deleted. */
  async removeOrphans(): Promise<void> {
    const { runs, trainer } = this.#deps
    const ids = [...new Set([...(await trainer.list()), ...(await this.#queue.training())])]
    const existing = new Set(await runs.existing(ids))
    for (const id of ids.filter((each) => !existing.has(each))) {
      await this.#queue.stop(id)
      this.#changes.tell(id)
      await trainer.remove(id)
    }
  }

  /** What limits a run that is to be queued. @throws AppError INSUFFICIENT_QUOTA when it could not train here today */
  async #limits(
    accountId: string,
    target: Run['compute']['target'],
    status: 'draft' | 'queued',
  ): Promise<RunLimits> {
    const { allowance } = this.#deps
    if (target === 'server' && status === 'queued') await allowance.require(accountId)
    const { unfinishedRuns: accountUnfinished } = await allowance.limitsOf(accountId)
    return { runs: MAX_PROJECT_RUNS, unfinished: MAX_UNFINISHED_RUNS, accountUnfinished }
  }

  #wake({ compute }: Run): void {
    if (compute.target === 'runner') this.#deps.onWork()
    else void this.#queue.fill()
  }

  async #find(projectId: string, { run }: RunAddress): Promise<Run> {
    const found = await this.#deps.runs.find(projectId, run)
    if (!found) throw new AppError('NOT_FOUND', { params: { what: `Run ${run}` } })
    return found
  }
}

function endWhenGone(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined
  throw error
}

function queueIsFull(reason: FullQueue, { accountUnfinished }: RunLimits): AppError {
  if (reason === 'too many of the account') {
    return new AppError('TOO_MANY_RUNS', { params: { limit: accountUnfinished ?? 0 } })
  }
  return limitReached('Another run', `${MAX_UNFINISHED_RUNS} runs of a project that wait or train`)
}

/** The order that a run came from, by what it pinned. */
function orderOf({ prior, model, evals, hyperparams, description, compute }: Run): RunOrder {
  const named = ({ slug, version }: PinnedReference) => ({ slug, ...(version !== null && { version }) })
  return {
    description,
    prior: { ...named(prior), overrides: prior.overrides as never },
    model: named(model),
    evals: evals.map(named),
    hyperparams,
    compute: {
      target: compute.runner?.id ?? compute.target,
      provider: compute.provider,
      max_seconds: compute.maxSeconds,
    },
  }
}
