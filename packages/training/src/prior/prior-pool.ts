/** Draws prior batches in worker threads, so that the trainer never waits for data that could be drawn meanwhile. */

import { Worker } from 'node:worker_threads'
import type { BatchSpec, TaskBatch } from './batch-spec.ts'
import type { PriorReply, PriorRequest } from './prior-worker.ts'

interface Waiting {
  request: PriorRequest
  resolve: (batch: TaskBatch) => void
  reject: (error: Error) => void
}

interface Slot {
  worker: Worker
  current: Waiting | null
}

/**
 * A fixed number of worker threads. What a request returns depends on its spec and seed alone, never on the number of
 * workers or the order of requests. Requests beyond the number of workers wait their turn, first come first served.
 */
export class PriorPool {
  readonly #slots: Slot[]
  readonly #queue: Waiting[] = []
  #nextId = 0
  #closed: Error | null = null

  /** @throws RangeError when `workers` is not a positive integer */
  constructor({ workers }: { workers: number }) {
    if (!Number.isInteger(workers) || workers < 1) {
      throw new RangeError(`A prior pool needs at least one worker, got ${workers}.`)
    }
    this.#slots = Array.from({ length: workers }, () => this.#startSlot())
  }

  /**
   * The batch that `sampleBatch(spec, Random.fromSeed(...seed))` returns.
   *
   * @throws Error with the sampler's message when it failed, or when the pool is closed or a worker died
   */
  request(spec: BatchSpec, seed: (number | string)[]): Promise<TaskBatch> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed)
      this.#queue.push({ request: { id: this.#nextId++, spec, seed }, resolve, reject })
      this.#dispatch()
    })
  }

  /** End the workers; requests not yet answered reject. Safe to call twice. */
  async close(): Promise<void> {
    this.#fail(new Error('The prior pool was closed before this batch was drawn.'))
    await Promise.all(this.#slots.map((slot) => slot.worker.terminate()))
  }

  #startSlot(): Slot {
    const worker = new Worker(new URL('./prior-worker.ts', import.meta.url))
    const slot: Slot = { worker, current: null }
    worker.on('message', (reply: PriorReply) => {
      const waiting = slot.current
      slot.current = null
      worker.unref()
      if (waiting && 'batch' in reply) waiting.resolve(reply.batch)
      else if (waiting && 'error' in reply) waiting.reject(new Error(reply.error))
      this.#dispatch()
    })
    worker.on('error', (error) => this.#fail(new Error('A prior worker died.', { cause: error })))
    worker.on('exit', (code) => this.#fail(new Error(`A prior worker ended with code ${code}.`)))
    worker.unref()
    return slot
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (slot.current) continue
      const next = this.#queue.shift()
      if (!next) return
      slot.current = next
      slot.worker.ref()
      slot.worker.postMessage(next.request)
    }
  }

  /** No request can be answered any more: reject all with `error`, and later ones too. */
  #fail(error: Error): void {
    this.#closed ??= error
    for (const slot of this.#slots) {
      slot.current?.reject(this.#closed)
      slot.current = null
    }
    for (const waiting of this.#queue.splice(0)) waiting.reject(this.#closed)
  }
}
