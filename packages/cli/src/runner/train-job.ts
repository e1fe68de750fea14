/** Trains one job as a server would train it, and tells the server: the same plan, the same process, the same events. */
import type { JobState } from '@posterior/contracts'
import {
  type FinishedTraining,
  readOutcome,
  startTrainingRun,
  studioEvent,
  TrainingError,
  TrainingInterrupted,
  type TrainingPlan,
} from '@posterior/training'
import { EventSender } from './event-sender.ts'
import type { JobFolder } from './job-folder.ts'
import { Refused, type RunnerApi } from './runner-api.ts'
import { StateSender } from './state-sender.ts'

/** Starts in a row that end without a new saved state. */
const MAX_FRUITLESS_STARTS = 3

const HEARTBEAT_MS = 30_000

export interface JobSetup {
  api: RunnerApi
  folder: JobFolder
  plan: TrainingPlan
  /** Threads that compute gradients. */
  workers: number
  /** Time between two uploads of the state; 0: none. */
  uploadEveryMs: number
  /** The runner is told to end. */
  signal: AbortSignal
  note: (line: string) => void
}

/** How a job ended here: `handed back` and `lost` are not ends of the run. */
export type JobEnd = 'completed' | 'skipped' | 'failed' | 'cancelled' | 'handed back' | 'lost'

type Outcome = FinishedTraining | { kind: 'failed'; reason: string } | { kind: 'stopped' }

/** Train the job to its end. @throws JobLost when another one has it, or it is gone */
export async function trainJob(setup: JobSetup): Promise<JobEnd> {
  const job = new RunningJob(setup)
  try {
    return await job.run()
  } catch (error) {
    if (!setup.signal.aborted) throw error
    await job.sendLast()
    await setup.api.release(setup.folder.head)
    await setup.folder.drop()
    return 'handed back'
  } finally {
    job.close()
  }
}

class RunningJob {
  readonly #setup: JobSetup
  readonly #stop = new AbortController()
  readonly #states: StateSender
  #heartbeat: NodeJS.Timeout | undefined
  #sender: EventSender | undefined
  #isCancelled = false
  #isBeating = false
  #failure: unknown

  constructor(setup: JobSetup) {
    this.#setup = setup
    const { api, folder, uploadEveryMs: everyMs, note } = setup
    const onError = (error: unknown) => this.#fail(error)
    this.#states = new StateSender({ api, folder, everyMs, note, onError })
    setup.signal.addEventListener('abort', () => this.#stop.abort(), { signal: this.#stop.signal })
  }

  async run(): Promise<JobEnd> {
    const { api, folder, signal } = this.#setup
    const { head } = folder
    const { cancel, received } = await api.tell(head, [], 0)
    if (cancel) return this.#cancelled()
    const events = await folder.events()
    const onState = ({ cancel }: JobState) => {
      if (cancel) this.#cancel()
    }
    const onError = (error: unknown) => this.#fail(error)
    this.#sender = new EventSender({ api, held: head, onState, onError }, { events, sent: received })
    this.#heartbeat = setInterval(() => this.#beat(onState), HEARTBEAT_MS)
    const outcome = await this.#train()
    if (this.#failure) throw this.#failure
    signal.throwIfAborted()
    if (this.#isCancelled) return this.#cancelled()
    return this.#tell(outcome)
  }

  /** Upload what is saved, for whoever goes on with the run. */
  sendLast(): Promise<void> {
    return this.#states.sendLast()
  }

  close(): void {
    clearInterval(this.#heartbeat)
    this.#sender?.stop()
    this.#stop.abort()
  }

  /** Say that the runner is there, unless it is still being said. */
  #beat(onState: (state: JobState) => void): void {
    if (this.#isBeating) return
    this.#isBeating = true
    this.#setup.api
      .heartbeat(this.#setup.folder.head)
      .then(onState, (error: unknown) => this.#fail(error))
      .finally(() => {
        this.#isBeating = false
      })
  }

  async #train(): Promise<Outcome> {
    for (let fruitless = 1; ; fruitless++) {
      let saves = 0
      try {
        return await this.#start(() => saves++)
      } catch (error) {
        if (this.#stop.signal.aborted) return { kind: 'stopped' }
        if (!(error instanceof TrainingInterrupted)) return { kind: 'failed', reason: reasonOf(error) }
        if (saves > 0) fruitless = 0
        if (fruitless >= MAX_FRUITLESS_STARTS) return { kind: 'failed', reason: error.message }
        await this.#add({ event: 'log', line: `${error.message}; the run goes on from its last saved state` })
      }
    }
  }

  async #start(onSave: () => void): Promise<Outcome> {
    const { folder, plan, workers } = this.#setup
    if (this.#stop.signal.aborted) return { kind: 'stopped' }
    let adding = Promise.resolve()
    const run = startTrainingRun(plan.config, {
      folder: folder.run,
      workers: Math.min(workers, plan.config.plan.microBatches),
      threads: 1,
      provider: folder.head.provider,
      ...(plan.evals && { evals: plan.evals, tables: folder.tables }),
      onEvent: (event) => {
        if (event.type === 'saved') {
          onSave()
          this.#states.saved()
        }
        const told = studioEvent(event, plan)
        if (told) adding = adding.then(() => this.#add({ ...told.fields, event: told.event }))
      },
    })
    const stop = () => run.stop()
    this.#stop.signal.addEventListener('abort', stop)
    try {
      const isFinished = await run.done
      await adding
      return isFinished ? await readOutcome(folder.run) : { kind: 'stopped' }
    } finally {
      this.#stop.signal.removeEventListener('abort', stop)
    }
  }

  async #tell(outcome: Outcome): Promise<JobEnd> {
    const { api, folder, note } = this.#setup
    const { head } = folder
    await this.#states.idle()
    if (outcome.kind === 'stopped') throw new Error('the training was stopped by nobody')
    await this.#sender?.flush()
    if (outcome.kind === 'completed') {
      try {
        await api.upload(head, await folder.packModel())
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        outcome = { kind: 'failed', reason: `the server refused the checkpoint: ${error.message}` }
      }
    }
    const result =
      outcome.kind === 'completed'
        ? { status: outcome.kind, results: figuresOf(outcome), artifactRef: { runId: head.runId } }
        : { status: outcome.kind, error: { message: outcome.reason } }
    await api.result(head, result)
    if (outcome.kind !== 'completed') note(outcome.reason)
    await folder.remove()
    return outcome.kind
  }

  /** The run was cancelled on the server, which knows it already. */
  async #cancelled(): Promise<JobEnd> {
    await this.#setup.folder.remove()
    return 'cancelled'
  }

  async #add(event: { event: string; [field: string]: unknown }): Promise<void> {
    await this.#setup.folder.addEvent(event)
    this.#sender?.add(event)
  }

  #cancel(): void {
    this.#isCancelled = true
    this.#stop.abort()
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#stop.abort()
  }
}

/** What the server keeps of the figures; it reads the rest from the checkpoint. */
function figuresOf({ results }: Extract<FinishedTraining, { kind: 'completed' }>) {
  const { d_in: _, inputs: __, ...figures } = results
  return figures
}

function reasonOf(error: unknown): string {
  if (error instanceof TrainingError) return error.message
  return `the trainer failed: ${error instanceof Error ? error.message : String(error)}`
}
