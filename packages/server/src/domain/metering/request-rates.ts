/**
 * Requests per minute and per hour of each account. Windows are those of the clock, so that the time of the reset is the
 * same for everyone and known in advance; around a reset an account may make up to twice as many requests. Counts are in
 * memory: they hold the accounts of the current window only, and start anew with the server.
 */
import { AppError } from '../app-error.ts'
import type { Clock } from '../ports/system.ts'
import { type MeteringLimits, RATE_WINDOWS, type RateWindow, type RequestKind } from './limits.ts'
import { isoSeconds } from './periods.ts'
import { refusalHeaders, type Standing } from './standing.ts'

const WINDOW_MS: Readonly<Record<RateWindow, number>> = { minute: 60_000, hour: 3_600_000 }

const NOUNS: Readonly<Record<RequestKind, string>> = {
  predict: 'predictions',
  fit: 'fits',
  thinking_fit: 'thinking fits',
  upload: 'uploads',
  run: 'orders of training runs',
  studio: 'requests to the studio',
}

interface Window {
  start: number
  counts: Map<string, number>
}

export class RequestRates {
  readonly #clock: Clock
  readonly #rates: MeteringLimits['rates']
  /** Current windows, by kind and length. */
  readonly #windows = new Map<string, Window>()

  constructor(deps: { rates: MeteringLimits['rates']; clock: Clock }) {
    this.#rates = deps.rates
    this.#clock = deps.clock
  }

  /**
   * Count one request; one that is refused is not counted.
   *
   * @throws AppError RATE_LIMIT_EXCEEDED for the window that is full, the one that ends last if both are
   */
  count(accountId: string, kind: RequestKind): void {
    const full = this.standings(accountId, kind).findLast(({ remaining }) => remaining === 0)
    if (full) throw this.#refusal(kind, full)
    for (const window of this.#limited(kind)) {
      const { counts } = this.#current(kind, window)
      counts.set(accountId, (counts.get(accountId) ?? 0) + 1)
    }
  }

  /** How the account stands in each window that is limited; the minute first. */
  standings(accountId: string, kind: RequestKind): (Standing & { limit: number; remaining: number })[] {
    return this.#limited(kind).map((window) => {
      const { start, counts } = this.#current(kind, window)
      const limit = this.#rates[kind][window]!
      return {
        resource: `${kind}_per_${window}`,
        limit,
        remaining: Math.max(0, limit - (counts.get(accountId) ?? 0)),
        resetAt: start + WINDOW_MS[window],
      }
    })
  }

  /** Accounts that are counted now, over all windows; what the memory grows with. */
  get size(): number {
    return [...this.#windows.values()].reduce((sum, { counts }) => sum + counts.size, 0)
  }

  #limited(kind: RequestKind): RateWindow[] {
    return RATE_WINDOWS.filter((window) => this.#rates[kind][window] !== null)
  }

  #current(kind: RequestKind, window: RateWindow): Window {
    const start = Math.floor(this.#clock.now() / WINDOW_MS[window]) * WINDOW_MS[window]
    const key = `${kind} ${window}`
    const kept = this.#windows.get(key)
    if (kept?.start === start) return kept
    const fresh = { start, counts: new Map<string, number>() }
    this.#windows.set(key, fresh)
    return fresh
  }

  #refusal(kind: RequestKind, full: Standing & { limit: number }): AppError {
    const window = full.resource.endsWith('hour') ? 'hour' : 'minute'
    const params = { limit: full.limit, what: NOUNS[kind], window, resetAt: isoSeconds(full.resetAt) }
    return new AppError('RATE_LIMIT_EXCEEDED', { params, headers: refusalHeaders(full, this.#clock.now()) })
  }
}
