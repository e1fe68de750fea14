import type { NewRunEvent, RunStore } from '../../ports/runs.ts'
import type { Clock, Log } from '../../ports/system.ts'

/** Stores events in the order in which they come; those that come while a transaction is at work share the next one. */
export class EventWriter {
  readonly #deps: { store: RunStore; clock: Clock; log: Log; onChange: (runId: string) => void }
  readonly #runId: string
  #waiting: NewRunEvent[] = []
  #writing: Promise<void> | undefined

  constructor(
    deps: { store: RunStore; clock: Clock; log: Log; onChange: (runId: string) => void },
    runId: string,
  ) {
    this.#deps = deps
    this.#runId = runId
  }

  add(event: Omit<NewRunEvent, 'ts'>): void {
    this.#waiting.push({ ...event, ts: this.#deps.clock.now() })
    this.#writing ??= this.#write()
  }

  /** Resolves when everything is stored. */
  async idle(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    const { store, log, onChange } = this.#deps
    while (this.#waiting.length > 0) {
      const events = this.#waiting.splice(0)
      await store
        .addEvents(this.#runId, events)
        .catch((err: unknown) =>
          log.error({ err, runId: this.#runId }, 'events of a run could not be stored'),
        )
      onChange(this.#runId)
    }
    this.#writing = undefined
  }
}
