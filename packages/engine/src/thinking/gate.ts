/** Lets a number of callers in at once; the others wait their turn. */
import { EngineError } from '../errors.ts'

interface Waiter {
  readonly admit: () => void
  readonly refuse: (error: EngineError) => void
}

export class Gate {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #waiting: Waiter[] = []
  #inside = 0
  #isClosed = false

  constructor(most: number, mostWaiting: number) {
    this.#most = most
    this.#mostWaiting = mostWaiting
  }

  /**
   * Come in, first come first served.
   *
   * @returns to be called, once, on leaving
   * @throws EngineError engine_busy when too many wait, aborted, engine_closed
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    if (this.#isClosed) throw closed()
    if (this.#inside < this.#most) this.#inside++
    else await this.#wait(signal)
    return () => {
      const next = this.#waiting.shift()
      // The place goes to the next in line.
      if (next) next.admit()
      else this.#inside--
    }
  }

  /** Refuse those who wait and all who come. */
  close(): void {
    this.#isClosed = true
    for (const { refuse } of this.#waiting.splice(0)) refuse(closed())
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) {
      throw new EngineError('engine_busy', 'Too many fits with thinking wait. Try again later.', {
        details: { waiting: this.#waiting.length },
      })
    }
    if (signal?.aborted) throw aborted(signal)
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(aborted(signal))
      }
      const settled = () => signal?.removeEventListener('abort', onAbort)
      const waiter: Waiter = {
        admit: () => {
          settled()
          resolve()
        },
        refuse: (error) => {
          settled()
          reject(error)
        },
      }
      this.#waiting.push(waiter)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}

function closed(): EngineError {
  return new EngineError('engine_closed', 'The server is shutting down. Send the request again in a moment.')
}

function aborted(signal: AbortSignal | undefined): EngineError {
  return new EngineError('aborted', 'The request was cancelled.', { cause: signal?.reason })
}
