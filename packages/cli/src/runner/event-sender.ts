/**
 * Sends the events of a job as they occur, in batches, and keeps those that the server has not got. Each batch says how many
 * were told before, so that one that is sent twice is stored once.
 */
import type { JobState } from '@posterior/contracts'
import type { JobEvent } from './job-folder.ts'
import { type Held, Refused, type RunnerApi } from './runner-api.ts'

/** Events of one call. */
const BATCH = 500

/** Events that are waited for before they are sent together, in milliseconds. */
const GATHER_MS = 500

export class EventSender {
  readonly #api: RunnerApi
  readonly #held: Held
  readonly #onState: (state: JobState) => void
  readonly #onError: (error: unknown) => void
  readonly #events: JobEvent[]
  #sent: number
  #sending: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(
    { api, held, onState, onError }: SenderOptions,
    { events, sent }: { events: JobEvent[]; sent: number },
  ) {
    this.#api = api
    this.#held = held
    this.#onState = onState
    this.#onError = onError
    this.#events = events
    this.#sent = sent
  }

  add(event: JobEvent): void {
    this.#events.push(event)
    this.#timer ??= setTimeout(() => void this.#send().catch(this.#onError), GATHER_MS)
  }

  /** Resolves when the server has everything. Rejects as the calls do. */
  async flush(): Promise<void> {
    await this.#send()
  }

  /** Send nothing more by itself. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #send(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sending = (this.#sending ?? Promise.resolve()).catch(() => {}).then(() => this.#sendAll())
    return this.#sending
  }

  async #sendAll(): Promise<void> {
    while (this.#sent < this.#events.length) {
      const from = this.#sent
      const events = this.#events.slice(from, from + BATCH)
      try {
        this.#onState(await this.#api.tell(this.#held, events, from))
      } catch (error) {
        // The others may be taken; the run does not end for an event.
        if (!(error instanceof Refused)) throw error
      }
      this.#sent = from + events.length
    }
  }
}

export interface SenderOptions {
  api: RunnerApi
  held: Held
  onState: (state: JobState) => void
  onError: (error: unknown) => void
}
