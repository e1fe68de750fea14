import type { Clock } from '../../ports/system.ts'

/** Longest time that is counted at once: what a kill of the server loses at most. */
const PIECE_MS = 15_000

/** Counts the time of one start of a run in pieces. */
export class TrainingTime {
  readonly #clock: Clock
  readonly #spend: (milliseconds: number) => Promise<boolean>
  #since: number

  /** @param spend  counts; answers whether there is more */
  constructor(clock: Clock, spend: (milliseconds: number) => Promise<boolean>) {
    this.#clock = clock
    this.#spend = spend
    this.#since = clock.now()
  }

  /** Count what has passed, if it is much. @returns whether there is more */
  async tick(): Promise<boolean> {
    if (this.#clock.now() - this.#since < PIECE_MS) return true
    return this.count()
  }

  /** Count what has passed. @returns whether there is more */
  async count(): Promise<boolean> {
    const now = this.#clock.now()
    const passed = Math.max(0, now - this.#since)
    this.#since = now
    return this.#spend(passed)
  }
}
