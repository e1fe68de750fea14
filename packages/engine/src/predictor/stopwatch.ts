/** Milliseconds by step of a job. */
export class Stopwatch {
  readonly #timings: Record<string, number> = {}
  #last = performance.now()

  /** Book the time since the last call, or since the start, to a step. */
  lap(step: string): void {
    const now = performance.now()
    this.#timings[step] = round((this.#timings[step] ?? 0) + now - this.#last)
    this.#last = now
  }

  get timings(): Readonly<Record<string, number>> {
    return { ...this.#timings }
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
