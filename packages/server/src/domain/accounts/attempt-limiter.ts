import { AppError } from '../app-error.ts'
import type { Clock } from '../ports/system.ts'

/** How many attempts a key has in a window of time, which begins with its first one. */
export interface AttemptRule {
  attempts: number
  windowMs: number
}

/** Keys remembered; beyond that the oldest windows are given up. */
const MAX_KEYS = 50_000

/** Counts attempts by key, in memory: a restart forgets them. */
export class AttemptLimiter {
  readonly #rule: AttemptRule
  readonly #clock: Clock
  /** In the order in which the windows began. */
  readonly #windows = new Map<string, { used: number; endsAt: number }>()

  constructor(rule: AttemptRule, clock: Clock) {
    this.#rule = rule
    this.#clock = clock
  }

  /**
   * Count an attempt, before it is made: attempts at the same time count as well.
   *
   * @throws AppError TOO_MANY_ATTEMPTS
   */
  take(key: string): void {
    const window = this.#window(key)
    if (window.used >= this.#rule.attempts) {
      const seconds = Math.max(1, Math.ceil((window.endsAt - this.#clock.now()) / 1000))
      throw new AppError('TOO_MANY_ATTEMPTS', {
        params: { seconds },
        headers: { 'retry-after': String(seconds) },
      })
    }
    window.used++
  }

  /** Whether `take` would succeed; counts the attempt if so. */
  tryTake(key: string): boolean {
    const window = this.#window(key)
    if (window.used >= this.#rule.attempts) return false
    window.used++
    return true
  }

  /** Give an attempt back that turned out to be a rightful one. */
  giveBack(key: string): void {
    const window = this.#windows.get(key)
    if (window) window.used = Math.max(0, window.used - 1)
  }

  #window(key: string): { used: number; endsAt: number } {
    const now = this.#clock.now()
    const current = this.#windows.get(key)
    if (current && current.endsAt > now) return current
    this.#windows.delete(key)
    this.#forget(now)
    const started = { used: 0, endsAt: now + this.#rule.windowMs }
    this.#windows.set(key, started)
    return started
  }

  /** All windows are equally long, so those that are over come first. */
  #forget(now: number): void {
    for (const [key, { endsAt }] of this.#windows) {
      if (endsAt > now && this.#windows.size < MAX_KEYS) return
      this.#windows.delete(key)
    }
  }
}
