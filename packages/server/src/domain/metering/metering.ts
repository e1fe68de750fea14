/**
 * What accounts use: requests by rate, tokens and thinking fits by pool. One object for every dialect, so that a way in
 * cannot be cheaper than another. The administrator is counted and never limited.
 */
import type { BillableOperation } from '@posterior/contracts'
import { AppError } from '../app-error.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock, Ids } from '../ports/system.ts'
import type { UsageStore } from '../ports/usage.ts'
import { type MeteringLimits, type RequestKind, UNLIMITED } from './limits.ts'
import { dayOf, monthOf } from './periods.ts'
import {
  amountOf,
  insufficient,
  lackingPool,
  type Need,
  type Pool,
  poolsOf,
  poolsPassing,
  tightestTokenPool,
  type Usage,
} from './pools.ts'
import { RequestRates } from './request-rates.ts'
import type { Standing } from './standing.ts'

export type { MeteringLimits, RequestKind } from './limits.ts'
export type { Pool, Usage } from './pools.ts'

/**
 * How long the same request is taken for the first one sent again. Clients send again at once, or after a timeout of
 * fifteen minutes at most, which is how long they wait for the first byte.
 */
export const RETRY_WINDOW_MS = 20 * 60_000

/** Share of a pool at which its owner is told that it is nearly used up. */
const WARN_AT = 0.9

/** An operation to charge. */
export interface ChargeOrder {
  /**
   * Equal for requests that are the same one sent again: it is charged once. Build it from what the answer depends on
   * (ids of uploads and fits, configuration, outputs), not from a trace or a time.
   */
  requestKey: string
  /** Id of what the request is about, such as the test set; see `renew`. */
  subject: string
  operation: BillableOperation
  /** Price; see `costOf`. */
  tokens: number
}

/** Tokens held for an operation that is running. One of the two has to be called; calls after the first do nothing. */
export interface Charge {
  tokens: number
  /** The operation is done: keep what is held. */
  settle(): Promise<void>
  /** The operation failed: give back what is held. */
  release(): Promise<void>
}

export interface MeteringDeps {
  accounts: Pick<AccountStore, 'find'>
  store: UsageStore
  clock: Clock
  ids: Ids
  limits: MeteringLimits
  /** Told once per pool and period that little is left, and how much is used by now; must not throw. */
  onNearlyUsedUp: (accountId: string, pool: Pool, used: number) => void
}

export class Metering {
  readonly #deps: MeteringDeps
  readonly #rates: RequestRates

  constructor(deps: MeteringDeps) {
    this.#deps = deps
    this.#rates = new RequestRates({ rates: deps.limits.rates, clock: deps.clock })
  }

  /**
   * Count a request against the rates of its kind.
   *
   * @throws AppError RATE_LIMIT_EXCEEDED
   */
  async admit(accountId: string, kind: RequestKind): Promise<void> {
    if (!(await this.#isAdmin(accountId))) this.#rates.count(accountId, kind)
  }

  /**
   * Hold the price of an operation before its answer is given. The same request sent again shares the charge of the
   * first; so do two that run at the same time.
   *
   * @throws AppError INSUFFICIENT_QUOTA when a pool has less left; then nothing is held
   */
  async charge(accountId: string, order: ChargeOrder): Promise<Charge> {
    const { store, clock, ids } = this.#deps
    const now = clock.now()
    const limits = await this.#poolLimits(accountId)
    const need = needOf(order)
    let passed: Pool[] = []
    const decide = (totals: Parameters<typeof poolsOf>[0]) => {
      const usage = poolsOf(totals, limits, now)
      const lacking = lackingPool(usage, need)
      if (lacking) throw insufficient(lacking, need, now)
      passed = poolsPassing(usage, need, WARN_AT)
    }
    const { requestKey, subject, operation } = order
    const held = await store.hold(
      {
        id: ids.newId(),
        accountId,
        requestKey,
        subject,
        operation,
        ...need,
        ...periodsOf(now),
        createdAt: now,
      },
      { sharedSince: now - RETRY_WINDOW_MS, decide },
    )
    for (const pool of passed)
      this.#deps.onNearlyUsedUp(accountId, pool, pool.used + amountOf(need, pool.resource))
    let isOver = false
    const once = (end: () => Promise<void>) => async () => {
      if (isOver) return
      isOver = true
      await end()
    }
    return {
      tokens: held.tokens,
      settle: once(() => store.settle(held.id)),
      release: once(() => store.release(held.id)),
    }
  }

  /**
   * Refuse an operation that cannot be paid for, before any work, when only the least it can cost is known. A request
   * that was charged already passes, whatever is left.
   *
   * @throws AppError INSUFFICIENT_QUOTA
   */
  async requireAffordable(accountId: string, order: ChargeOrder): Promise<void> {
    const { store, clock } = this.#deps
    const now = clock.now()
    const need = needOf(order)
    const lacking = lackingPool(await this.usage(accountId), need)
    if (!lacking) return
    if (await store.hasOpenCharge(accountId, order.requestKey, now - RETRY_WINDOW_MS)) return
    throw insufficient(lacking, need, now)
  }

  /** The caller starts over with `subject`: the next request about it is a new one, not one sent again. */
  async renew(accountId: string, subject: string): Promise<void> {
    await this.#deps.store.closeCharges(accountId, subject)
  }

  /** How the account stands in its pools. */
  async usage(accountId: string): Promise<Usage> {
    const now = this.#deps.clock.now()
    const totals = await this.#deps.store.totals(accountId, periodsOf(now))
    return poolsOf(totals, await this.#poolLimits(accountId), now)
  }

  /** Tokens that are left of the pool that is used up first; null when unlimited. */
  async remainingTokens(accountId: string): Promise<number | null> {
    return tightestTokenPool(await this.usage(accountId)).remaining
  }

  /** The limit that matters most to a caller now: the token pool if one is limited, else the fullest rate of `kind`. */
  async standing(accountId: string, kind: RequestKind): Promise<Standing> {
    const pool = tightestTokenPool(await this.usage(accountId))
    if (pool.limit !== null || (await this.#isAdmin(accountId))) return pool
    const [rate] = this.#rates
      .standings(accountId, kind)
      .sort((a, b) => a.remaining / a.limit - b.remaining / b.limit)
    return rate ?? pool
  }

  async #poolLimits(accountId: string): Promise<MeteringLimits['pools']> {
    return (await this.#isAdmin(accountId)) ? UNLIMITED.pools : this.#deps.limits.pools
  }

  async #isAdmin(accountId: string): Promise<boolean> {
    const account = await this.#deps.accounts.find(accountId)
    // Deleted while its request was running.
    if (!account) throw new AppError('UNAUTHORIZED')
    return account.isAdmin
  }
}

function periodsOf(now: number): { day: string; month: string } {
  return { day: dayOf(now), month: monthOf(now) }
}

function needOf({ tokens, operation }: ChargeOrder): Need {
  return { tokens, thinkingFits: operation === 'thinking_fit' ? 1 : 0 }
}
