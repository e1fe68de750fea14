import { EventEmitter, once } from 'node:events'

/** Tells who waits that a run has changed. */
export class Changes {
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  readonly #closing = new AbortController()

  tell(runId: string): void {
    this.#emitter.emit(runId)
  }

  /** Everybody who waits, now or later, is told at once. */
  close(): void {
    this.#closing.abort()
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Resolves at the next change from this call on, or with `idle` when there was none for so long. */
  async next(
    runId: string,
    { idleMs, signal }: { idleMs: number; signal: AbortSignal },
  ): Promise<'changed' | 'idle' | 'ended'> {
    const timeout = AbortSignal.timeout(idleMs)
    const ended = AbortSignal.any([signal, this.#closing.signal])
    try {
      await once(this.#emitter, runId, { signal: AbortSignal.any([timeout, ended]) })
      return 'changed'
    } catch {
      return ended.aborted ? 'ended' : 'idle'
    }
  }
}
