/**
 * Runs that train on runners. A runner takes a run by a claim, and says again and again that it is there; when it is silent
 * for too long the run goes back into the queue, and whatever it says about that claim later changes nothing. Claims are in
 * the store, so a restart of the server keeps them.
 */
import {
  CLAIM_SECONDS,
  isRunOver,
  type JobState,
  MAX_RUN_EVENTS,
  type RunnerEvent,
  type RunnerResult,
  type RunStatus,
} from '@posterior/contracts'
import { AppError } from '../../app-error.ts'
import type { Claim, ClaimStore, Runner } from '../../ports/runners.ts'
import type { NewRunEvent, ReceivedState, Run, Trainer } from '../../ports/runs.ts'
import type { ArtefactStore } from '../../ports/studio.ts'
import type { Clock, Ids, Log } from '../../ports/system.ts'
import type { StoredTables } from '../datasets/stored-tables.ts'
import { Changes } from '../runs/changes.ts'
import { offers } from './compute-target.ts'
import { endingOf } from './ending.ts'
import { jobBundle } from './job-bundle.ts'
import { reportedEnd, reportedEvent } from './reported-events.ts'

/** What runners wait for. */
const QUEUE = 'queue'

/** While a question for work is held, expired claims are looked for this often. */
const LOOK_EVERY_MS = 5_000

export interface RunnerJobsDeps {
  claims: ClaimStore
  artefacts: Pick<ArtefactStore, 'content'>
  /** Files of datasets. */
  tables: Pick<StoredTables, 'bytes'>
  trainer: Pick<Trainer, 'receive' | 'receiveState' | 'savedStep' | 'state' | 'tables'>
  clock: Clock
  ids: Ids
  log: Log
  /** Called when a run has new events or another status. */
  onChange: (runId: string) => void
}

/** The run that a call is about, and the claim that its caller thinks it has. */
export interface JobAddress {
  run: string
  claim?: string | undefined
}

export interface Job {
  run: Run
  claim: Claim
}

/** A job as it is given away: with the step that the run was saved at last, null when it begins. */
export interface OfferedJob extends Job {
  savedStep: number | null
}

/**
 * Every method with an address throws AppError NOT_FOUND for a run that the runner's account may not change, and CLAIM_LOST
 * when the runner has not got it.
 */
export class RunnerJobs {
  readonly #deps: RunnerJobsDeps
  readonly #changes = new Changes()
  #keeping: Promise<void> = Promise.resolve()

  constructor(deps: RunnerJobsDeps) {
    this.#deps = deps
  }

  /** Give runners that the server could not hear while it was down the time to speak. */
  async open(): Promise<void> {
    await this.#deps.claims.hearAll(this.#deps.clock.now())
  }

  /** Answer everybody who waits. */
  close(): void {
    this.#changes.close()
  }

  /** There may be work. */
  wake(): void {
    this.#changes.tell(QUEUE)
  }

  /** The next run for this runner, waited for up to `waitMs`; undefined when none came. */
  async next(
    runner: Runner,
    { waitMs, signal }: { waitMs: number; signal: AbortSignal },
  ): Promise<OfferedJob | undefined> {
    const end = performance.now() + waitMs
    for (;;) {
      const left = end - performance.now()
      const idleMs = Math.min(Math.max(left, 0), LOOK_EVERY_MS)
      const changed = this.#changes.next(QUEUE, { idleMs, signal })
      await this.expire()
      const job = signal.aborted ? undefined : await this.#claim(runner)
      if (job && signal.aborted) await this.#giveBack(job, 'the runner hung up before it got the run')
      else if (job) return { ...job, savedStep: (await this.#deps.trainer.savedStep(job.run.id)) ?? null }
      if (left <= 0 || (await changed) === 'ended') return undefined
    }
  }

  /** The run, with the claim of this runner on it. */
  async held(runner: Runner, address: JobAddress): Promise<Job> {
    const found = await this.#deps.claims.find(runner.accountId, address.run)
    if (!found) throw new AppError('NOT_FOUND', { params: { what: `Run ${address.run}` } })
    const { run, claim } = found
    const isHeld = claim?.runnerId === runner.id && (address.claim ?? claim.id) === claim.id
    if (!isHeld) throw lost(run.id, 'it was silent for too long, or another one has it.')
    return { run, claim }
  }

  /** The runner is there. @returns whether it should go on */
  async heartbeat(runner: Runner, address: JobAddress): Promise<JobState> {
    const { run, claim } = await this.held(runner, address)
    await this.#deps.claims.hear(claim.id, this.#deps.clock.now())
    return stateOf(run.status)
  }

  /** Keep events of the run; those of a run that is over are dropped. */
  async tell(
    runner: Runner,
    address: JobAddress,
    told: { events: readonly RunnerEvent[]; from?: number | undefined },
  ): Promise<JobState & { received: number; dropped: number }> {
    const { run, claim } = await this.held(runner, address)
    const counts = await this.#addEvents(run, claim, told)
    return { ...stateOf(run.status), ...counts }
  }

  /** Put the run back into the queue, for another runner or for this one later. */
  async handBack(runner: Runner, address: JobAddress): Promise<JobState> {
    const job = await this.held(runner, address)
    await this.#giveBack(job, `the runner "${runner.name}" handed the run back`)
    return stateOf(isRunOver(job.run.status) ? job.run.status : 'queued')
  }

  /** The bundle of the run. */
  async bundle(runner: Runner, address: JobAddress): Promise<Buffer> {
    const { run } = await this.held(runner, address)
    return jobBundle(this.#deps, run)
  }

  /**
   * Take the checkpoint of the run. It is the run's brain once the run is completed.
   *
   * @returns its size unpacked
   * @throws AppError CHECKPOINT_INVALID, PAYLOAD_TOO_LARGE, STORAGE_FULL
   */
  async upload(
    runner: Runner,
    address: JobAddress,
    archive: AsyncIterable<Uint8Array>,
  ): Promise<{ bytes: number }> {
    const { run } = await this.#running(runner, address)
    const received = await this.#deps.trainer.receive(run, archive)
    const { bytes, inputs } = received
    await this.#keep(runner, address, received, async (claimId) => {
      if (!(await this.#deps.claims.setArtifact(claimId, { bytes, inputs })))
        throw lost(run.id, 'another one has it by now.')
    })
    return { bytes }
  }

  /**
   * Take the state that the run is saved in, from which any runner goes on when this one is gone.
   *
   * @returns its size unpacked, and its step
   * @throws AppError CHECKPOINT_INVALID, PAYLOAD_TOO_LARGE, STORAGE_FULL
   */
  async saveState(
    runner: Runner,
    address: JobAddress,
    archive: AsyncIterable<Uint8Array>,
  ): Promise<{ bytes: number; step: number }> {
    const { run } = await this.#running(runner, address)
    const received = await this.#deps.trainer.receiveState(run, archive)
    // It takes the place of the model, which may be the one that came for the end of the run.
    await this.#keep(runner, address, received)
    return { bytes: received.bytes, step: received.step }
  }

  /** The state that the run is to go on from, as a tar.gz. @throws AppError NOT_FOUND when it begins */
  async state(runner: Runner, address: JobAddress): Promise<Uint8Array> {
    const { run } = await this.held(runner, address)
    const state = await this.#deps.trainer.state(run.id)
    if (state) return state
    throw new AppError('NOT_FOUND', { params: { what: `A saved state of run ${run.id}` } })
  }

  /**
   * End the run as its runner says it ended. The same result again is answered as the first time.
   *
   * @throws AppError BRAIN_MISSING when it says `completed` and no checkpoint has come
   */
  async end(runner: Runner, address: JobAddress, result: RunnerResult): Promise<JobState> {
    const { run, claim } = await this.held(runner, address)
    if (isRunOver(run.status)) return stateOf(run.status)
    const end = reportedEnd(result)
    if (end.kind === 'completed' && !claim.artifact)
      throw new AppError('BRAIN_MISSING', { params: { run: run.id } })
    const { events, from } = result
    if (events) await this.#addEvents(run, claim, { events, from })
    const { change, event } = endingOf(run, { claim, end, ts: this.#deps.clock.now() })
    const isSettled = await this.#deps.claims.settle(claim.id, change, event)
    this.#deps.onChange(run.id)
    if (isSettled) return stateOf(change.status)
    // It was cancelled, deleted or taken away just now.
    return stateOf((await this.held(runner, address)).run.status)
  }

  /** Take runs from runners that are silent or gone. */
  async expire(): Promise<void> {
    const { claims, clock, log, onChange } = this.#deps
    const ts = clock.now()
    const silent: NewRunEvent = {
      ts,
      event: 'log',
      fields: {
        line: `the runner was not heard for ${CLAIM_SECONDS} s, or is gone; the run waits for a runner`,
      },
    }
    const message = 'The runner that this run was ordered for is revoked. Order it again for another one.'
    const orphaned: NewRunEvent = { ts, event: 'error', fields: { message } }
    const changed = await claims.expire(ts - CLAIM_SECONDS * 1_000, { silent, orphaned })
    for (const runId of changed) {
      log.warn({ runId }, 'a run was taken from its runner')
      onChange(runId)
    }
    if (changed.length > 0) this.wake()
  }

  /** One after the other, so that what the store says of a brain is true of the one that is there. */
  async #keep(
    runner: Runner,
    address: JobAddress,
    received: Pick<ReceivedState, 'keep' | 'discard'>,
    confirm: (claimId: string) => Promise<void> = async () => {},
  ): Promise<void> {
    const keeping = this.#keeping.then(async () => {
      const { claims, clock } = this.#deps
      const { claim } = await this.#running(runner, address)
      await claims.setArtifact(claim.id, null)
      await received.keep()
      await claims.hear(claim.id, clock.now())
      await confirm(claim.id)
    })
    this.#keeping = keeping.catch(() => {})
    await keeping.finally(() => received.discard())
  }

  async #running(runner: Runner, address: JobAddress): Promise<Job> {
    const job = await this.held(runner, address)
    if (job.run.status !== 'running') throw lost(job.run.id, `it is ${job.run.status}.`)
    return job
  }

  async #claim(runner: Runner): Promise<Job | undefined> {
    const { claims, clock, ids, onChange } = this.#deps
    const now = clock.now()
    const line = `the runner "${runner.name}" takes the run`
    const event: NewRunEvent = { ts: now, event: 'log', fields: { line } }
    const isTaken = ({ compute }: Run) => offers(runner, compute.provider)
    const job = await claims.claimNext(runner, { id: ids.newId(), now, isTaken }, event)
    if (job) onChange(job.run.id)
    return job
  }

  async #giveBack({ run, claim }: Job, line: string): Promise<void> {
    const { claims, clock, onChange } = this.#deps
    await claims.release(claim.id, { ts: clock.now(), event: 'log', fields: { line } })
    onChange(run.id)
    this.wake()
  }

  async #addEvents(
    run: Run,
    claim: Claim,
    { events, from }: { events: readonly RunnerEvent[]; from?: number | undefined },
  ): Promise<{ received: number; dropped: number }> {
    const { claims, clock, onChange } = this.#deps
    const now = clock.now()
    const kept = events.map((event) => reportedEvent(event, now))
    const counts = await claims.addEvents(claim.id, { from, events: kept }, { now, room: MAX_RUN_EVENTS })
    if (!counts) throw lost(run.id, 'another one has it by now.')
    onChange(run.id)
    return counts
  }
}

function stateOf(status: RunStatus): JobState {
  return { status, cancel: status !== 'running' }
}

function lost(run: string, reason: string): AppError {
  return new AppError('CLAIM_LOST', { params: { run, reason } })
}
