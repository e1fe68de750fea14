/** Pools of tokens and thinking fits: what is left, and whether an operation fits in. */
import { AppError } from '../app-error.ts'
import type { UsageTotals } from '../ports/usage.ts'
import { type MeteringLimits, POOLS, type PoolName } from './limits.ts'
import { isoSeconds, nextDay, nextMonth } from './periods.ts'
import { refusalHeaders, type Standing } from './standing.ts'

/** One pool of an account. */
export interface Pool extends Standing {
  resource: PoolName
  used: number
}

/** How an account stands in each pool. */
export type Usage = Readonly<Record<PoolName, Pool>>

/** What an operation takes from the pools. */
export interface Need {
  tokens: number
  thinkingFits: number
}

const TITLES: Readonly<Record<PoolName, string>> = {
  daily_tokens: 'The daily tokens are',
  monthly_tokens: 'The monthly tokens are',
  monthly_thinking_fits: 'The thinking fits of this month are',
}

/** The pools with what was used of them until `now`. */
export function poolsOf(totals: UsageTotals, limits: MeteringLimits['pools'], now: number): Usage {
  const used = {
    daily_tokens: totals.dayTokens,
    monthly_tokens: totals.monthTokens,
    monthly_thinking_fits: totals.monthThinkingFits,
  }
  const pool = (resource: PoolName): Pool => {
    const limit = limits[resource]
    return {
      resource,
      used: used[resource],
      limit,
      remaining: limit === null ? null : Math.max(0, limit - used[resource]),
      resetAt: resource === 'daily_tokens' ? nextDay(now) : nextMonth(now),
    }
  }
  return {
    daily_tokens: pool('daily_tokens'),
    monthly_tokens: pool('monthly_tokens'),
    monthly_thinking_fits: pool('monthly_thinking_fits'),
  }
}

/** The pool that has less left than is needed; of several the one that is filled again last. */
export function lackingPool(usage: Usage, need: Need): Pool | undefined {
  const lacking = POOLS.map((name) => usage[name]).filter(
    ({ resource, remaining }) => remaining !== null && remaining < amountOf(need, resource),
  )
  return lacking.sort((a, b) => b.resetAt - a.resetAt)[0]
}

/** The refusal of an operation that needs more than `pool` has left. */
export function insufficient(pool: Pool, need: Need, now: number): AppError {
  const params = {
    pool: TITLES[pool.resource],
    used: pool.used,
    limit: pool.limit ?? 0,
    needed: amountOf(need, pool.resource),
    resetAt: isoSeconds(pool.resetAt),
  }
  return new AppError('INSUFFICIENT_QUOTA', { params, headers: refusalHeaders(pool, now) })
}

/** The token pool that is used up first: the one with the least left, the daily one when both are unlimited. */
export function tightestTokenPool({ daily_tokens: daily, monthly_tokens: monthly }: Usage): Pool {
  if (monthly.remaining === null) return daily
  return daily.remaining === null || monthly.remaining < daily.remaining ? monthly : daily
}

/** Pools that pass `share` of their limit when `need` is taken from them. */
export function poolsPassing(usage: Usage, need: Need, share: number): Pool[] {
  return POOLS.map((name) => usage[name]).filter(({ resource, used, limit }) => {
    if (limit === null || limit === 0) return false
    const mark = limit * share
    return used < mark && used + amountOf(need, resource) >= mark
  })
}

/** What of a need is taken from a pool. */
export function amountOf(need: Need, pool: PoolName): number {
  return pool === 'monthly_thinking_fits' ? need.thinkingFits : need.tokens
}
