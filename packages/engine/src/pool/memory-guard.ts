/**
 * Watches the memory of a working child process. Sizes are checked before memory is taken wherever they can be known, but
 * a hostile file can make a reader take far more than it says; one request must not take the machine along.
 *
 * Reads /proc, so it guards on Linux only.
 */
import { readFileSync } from 'node:fs'

const PERIOD_MS = 100

/** Resident memory of a process in bytes; undefined when it is gone or the system does not tell. */
export function residentBytes(pid: number): number | undefined {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return match ? Number(match[1]) * 1024 : undefined
  } catch {
    return undefined
  }
}

export class MemoryGuard {
  readonly #limitBytes: number
  readonly #onExceeded: (bytes: number) => void
  #timer: NodeJS.Timeout | undefined

  /** @param onExceeded  called once for each `watch`, with the bytes that were found */
  constructor(limitBytes: number, onExceeded: (bytes: number) => void) {
    this.#limitBytes = limitBytes
    this.#onExceeded = onExceeded
  }

  watch(pid: number): void {
    this.stop()
    this.#timer = setInterval(() => {
      const bytes = residentBytes(pid) ?? 0
      if (bytes <= this.#limitBytes) return
      this.stop()
      this.#onExceeded(bytes)
    }, PERIOD_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
