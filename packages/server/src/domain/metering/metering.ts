/**
 * What accounts use: requests by rate, tokens and thinking fits by pool. One object for every dialect, so that a way in
 * cannot be cheaper than another.
 */
import type { BillableOperation } from '@posterior/contracts'
import type { Clock } from '../ports/system.ts'
import { nextDay, nextMonth } from './periods.ts'

/** Kinds of requests that have a rate limit of their own. A thinking fit counts as a fit as well. */
export type RequestKind = 'predict' | 'fit' | 'thinking_fit' | 'upload'

/** What can run out. */
export type PoolName = 'daily_tokens' | 'monthly_tokens' | 'monthly_thinking_fits'

export interface Pool {
  name: PoolName
  used: number
  /** Null when unlimited. */
  limit: number | null
  /** When it is filled again; ms since 1970. */
  resetAt: number
}

/** An operation to charge. */
export interface ChargeOrder {
  /**
   * Equal for requests that are the same one sent again: it is charged once. Build it from what the answer depends on
   * (ids of uploads and fits, configuration, outputs), not from a trace or a time.
   */
  requestKey: string
  operation: BillableOperation
  /** Price; see `costOf`. */
  tokens: number
}

/** Tokens held for an operation that is running. One of the two has to be called, once. */
export interface Charge {
  tokens: number
  /** The operation is done: keep what is held. */
  settle(): Promise<void>
  /** The operation failed: give back what is held. */
  release(): Promise<void>
}

/** How an account stands in each pool. */
export type Usage = Record<PoolName, Pool>

export class Metering {
  readonly #clock: Clock

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock
  }

  /**
   * Count a request against the rate limits of its kind.
   *
   * @throws AppError RATE_LIMIT_EXCEEDED
   */
  async admit(_accountId: string, _kind: RequestKind): Promise<void> {}

  /**
   * Hold the price of an operation, before its work is done.
   *
   * @throws AppError INSUFFICIENT_QUOTA when a pool has less left; then nothing is held
   */
  async charge(_accountId: string, order: ChargeOrder): Promise<Charge> {
    return { tokens: order.tokens, settle: async () => {}, release: async () => {} }
  }

  /** How the account stands now. */
  async usage(_accountId: string): Promise<Usage> {
    const now = this.#clock.now()
    const pool = (name: PoolName, resetAt: number): Pool => ({ name, used: 0, limit: null, resetAt })
    return {
      daily_tokens: pool('daily_tokens', nextDay(now)),
      monthly_tokens: pool('monthly_tokens', nextMonth(now)),
      monthly_thinking_fits: pool('monthly_thinking_fits', nextMonth(now)),
    }
  }
}
