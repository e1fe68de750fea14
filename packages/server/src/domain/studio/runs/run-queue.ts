/**
 * The queue of training runs. What is to be done stands in the store, so a restart finds it there: runs that were training
 * are queued again and go on from their saved states. A run whose process dies is started again, unless it dies over and
 * over without getting any further.
 */
import type {
  NewRunEvent,
  Run,
  RunningTraining,
  RunStore,
  Trainer,
  TrainingOutcome,
} from '../../ports/runs.ts'
import { TrainerLost, TrainingFailed } from '../../ports/runs.ts'
import type { Clock, Log } from '../../ports/system.ts'
import { EventWriter } from './event-writer.ts'
import type { TrainingAllowance } from './training-allowance.ts'
import { TrainingTime } from './training-time.ts'

/** Starts of one run in a row that end without a new saved state. */
const MAX_FRUITLESS_STARTS = 3
/** While runs wait for something that nobody tells of. */
const LOOK_AGAIN_MS = 60_000

export interface RunQueueDeps {
  store: RunStore
  trainer: Trainer
  clock: Clock
  log: Log
  /** Runs that train at the same time. */
  atOnce: number
  allowance: Pick<TrainingAllowance, 'mayTrain' | 'spend'>
  /** Called when a run has new events or another status. */
  onChange: (runId: string) => void
}

interface Training {
  accountId: string | null
  running: RunningTraining
  /** Resolves when the process has ended and what it led to is stored. */
  settled: Promise<void>
  isStopped: boolean
  /** Its account has used up its time: it is stopped, and queued again. */
  isPaused: boolean
}

export class RunQueue {
  readonly #deps: RunQueueDeps
  readonly #active = new Map<string, Training>()
  #isOpen = false
  #filling: Promise<void> | undefined
  #isFillingAgain = false
  /** Looks again for runs that wait for their account's next day. */
  #later: NodeJS.Timeout | undefined

  constructor(deps: RunQueueDeps) {
    this.#deps = deps
  }

  /** Begin to train what is queued, and what was training when the server last ended. */
  async open(): Promise<void> {
    await this.#deps.store.requeueRunning()
    this.#isOpen = true
    await this.fill()
  }

  /** Start queued runs while there is room. */
  async fill(): Promise<void> {
    this.#isFillingAgain = true
    this.#filling ??= this.#fillUp()
    await this.#filling
  }

  /** Stop the training of a run, if it is going on; resolves when its process has ended. */
  async stop(runId: string): Promise<void> {
    await this.#filling
    const training = this.#active.get(runId)
    if (!training) return
    training.isStopped = true
    training.running.stop()
    await training.settled
  }

  /** Ids of runs whose process may be alive. */
  async training(): Promise<string[]> {
    await this.#filling
    return [...this.#active.keys()]
  }

  /** Stop everything and start nothing more; runs stay recorded as running, for the next start. */
  async close(): Promise<void> {
    this.#isOpen = false
    clearTimeout(this.#later)
    await Promise.all((await this.training()).map((id) => this.stop(id)))
  }

  async #fillUp(): Promise<void> {
    // Not before the caller holds the promise of it.
    await null
    try {
      while (this.#isFillingAgain) {
        this.#isFillingAgain = false
        while (this.#isOpen && this.#active.size < this.#deps.atOnce) {
          const run = await this.#next()
          if (!run) break
          await this.#start(run)
        }
      }
    } catch (err) {
      this.#deps.log.error({ err }, 'queued runs could not be started')
    } finally {
      this.#filling = undefined
    }
  }

  /** The run that waits longest of those whose account may train another one now. */
  async #next(): Promise<Run | undefined> {
    const waiting = await this.#deps.store.nextQueued()
    for (const run of waiting) {
      const training = [...this.#active.values()].filter(({ accountId }) => accountId === run.accountId)
      if (await this.#deps.allowance.mayTrain(run.accountId, training.length)) return run
    }
    if (waiting.length > 0) {
      clearTimeout(this.#later)
      this.#later = setTimeout(() => void this.fill(), LOOK_AGAIN_MS).unref()
    }
    return undefined
  }

  async #start(waiting: Run): Promise<void> {
    const { store, clock, onChange } = this.#deps
    const startedAt = waiting.startedAt ?? clock.now()
    // It may have been moved to a runner, or cancelled, since it was looked up.
    const run = await store.begin(waiting.id, startedAt)
    if (!run) return
    onChange(run.id)
    const { accountId } = run
    const flags = { isStopped: false, isPaused: false }
    const training: Training = { accountId, running: IDLE, settled: Promise.resolve(), ...flags }
    this.#active.set(run.id, training)
    training.settled = this.#train(run, startedAt, training)
      .catch((err: unknown) => this.#deps.log.error({ err, runId: run.id }, 'a run could not be recorded'))
      .finally(() => {
        this.#active.delete(run.id)
        onChange(run.id)
        void this.fill()
      })
  }

  async #train(run: Run, startedAt: number, training: Training): Promise<void> {
    for (let fruitless = 1; ; fruitless++) {
      const writer = new EventWriter(this.#deps, run.id)
      const time = this.#timeOf(run)
      let saves = 0
      try {
        training.running = this.#deps.trainer.start(run, (event) => {
          if (event.event === 'saved') saves++
          writer.add(event)
          void time.tick().then((isMore) => isMore || this.#pause(training))
        })
        const outcome = await training.running.done.finally(() => time.count())
        await writer.idle()
        if (training.isPaused && !training.isStopped && outcome.kind === 'stopped')
          return await this.#wait(run)
        return await this.#record(run, startedAt, outcome)
      } catch (error) {
        await writer.idle()
        if (training.isStopped) return
        if (!(error instanceof TrainerLost)) return await this.#fail(run, error)
        if (saves > 0) fruitless = 0
        if (fruitless >= MAX_FRUITLESS_STARTS) return await this.#fail(run, error)
        this.#deps.log.warn(
          { err: error, runId: run.id },
          'a trainer ended; its run goes on from the saved state',
        )
        await this.#note(run, `${error.message}; the run goes on from its last saved state`)
        if (training.isStopped) return
      }
    }
  }

  /** Counts the time of one start; what cannot be counted does not end the run. */
  #timeOf({ id, accountId }: Run): TrainingTime {
    const { allowance, clock, log } = this.#deps
    return new TrainingTime(clock, (milliseconds) =>
      allowance.spend(accountId, milliseconds).catch((err: unknown) => {
        log.error({ err, runId: id }, 'the time of a run could not be counted')
        return true
      }),
    )
  }

  #pause(training: Training): void {
    if (training.isPaused) return
    training.isPaused = true
    training.running.stop()
  }

  /** Put a run that was paused back into the queue. */
  async #wait(run: Run): Promise<void> {
    const { store, clock } = this.#deps
    const line =
      'the training minutes of today are used up; the run goes on tomorrow (UTC) from its saved state'
    const event: NewRunEvent = { ts: clock.now(), event: 'log', fields: { line } }
    await store.change(run.id, ['running'], { status: 'queued' }, event)
  }

  /** `stopped` is recorded by who stopped it. */
  async #record(run: Run, startedAt: number, outcome: TrainingOutcome): Promise<void> {
    if (outcome.kind === 'stopped') return
    const { store, clock } = this.#deps
    const ts = clock.now()
    const end = { startedAt, finishedAt: ts }
    if (outcome.kind === 'skipped') {
      const { reason } = outcome
      const event: NewRunEvent = { ts, event: 'done', fields: { status: 'skipped', reason } }
      await store.change(run.id, ['running'], { ...end, status: 'skipped', error: reason }, event)
      return
    }
    const { results } = outcome
    const event: NewRunEvent = { ts, event: 'done', fields: { status: 'completed', ...results } }
    await store.change(run.id, ['running'], { ...end, status: 'completed', results }, event)
  }

  async #fail(run: Run, error: unknown): Promise<void> {
    const { store, clock, log } = this.#deps
    const isExpected = error instanceof TrainingFailed || error instanceof TrainerLost
    if (!isExpected) log.error({ err: error, runId: run.id }, 'a run failed')
    const message = isExpected ? error.message : 'The trainer failed; the log of the server has the details.'
    const ts = clock.now()
    const event: NewRunEvent = { ts, event: 'error', fields: { message } }
    await store.change(run.id, ['running'], { status: 'failed', error: message, finishedAt: ts }, event)
  }

  async #note(run: Run, line: string): Promise<void> {
    const { store, clock, onChange } = this.#deps
    await store.addEvents(run.id, [{ ts: clock.now(), event: 'log', fields: { line } }])
    onChange(run.id)
  }
}

const IDLE: RunningTraining = { done: new Promise(() => {}), stop: () => {} }
