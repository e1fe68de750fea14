/**
 * An orderly stop: phases run in the order in which they were added, each with a time limit, and a phase that fails or
 * hangs does not keep the next ones from running.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from './domain/ports/system.ts'

export interface ShutdownPhase {
  name: string
  timeoutMs: number
  run: () => Promise<void> | void
}

export class Shutdown {
  readonly #phases: ShutdownPhase[] = []
  readonly #log: Log
  #running: Promise<void> | undefined

  constructor(log: Log) {
    this.#log = log
  }

  add(...phases: ShutdownPhase[]): void {
    this.#phases.push(...phases)
  }

  /** Run all phases, once; later calls wait for the first. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#runAll()
    return this.#running
  }

  async #runAll(): Promise<void> {
    for (const phase of this.#phases) {
      try {
        const isDone = await finishes(Promise.resolve().then(phase.run), phase.timeoutMs)
        if (!isDone)
          this.#log.warn({ phase: phase.name, timeoutMs: phase.timeoutMs }, 'shutdown phase timed out')
      } catch (error) {
        this.#log.error({ phase: phase.name, err: error }, 'shutdown phase failed')
      }
    }
  }
}

/** Whether `work` ends within `ms`; its failure is thrown when it comes in time and swallowed when it comes later. */
async function finishes(work: Promise<void>, ms: number): Promise<boolean> {
  work.catch(() => undefined)
  const stop = new AbortController()
  const timeout = delay(ms, false, { signal: stop.signal }).catch(() => false)
  try {
    return await Promise.race([work.then(() => true), timeout])
  } finally {
    stop.abort()
  }
}
