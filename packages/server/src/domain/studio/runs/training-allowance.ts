/**
 * How long accounts train on this server, and how much of it they may. Time is counted as it passes, by the day (UTC); a
 * run whose account has used up its day waits for the next one and goes on from its saved state. The administrator is
 * counted and never limited.
 */
import { AppError } from '../../app-error.ts'
import { dayOf, isoSeconds, nextDay } from '../../metering/periods.ts'
import { refusalHeaders, type Standing } from '../../metering/standing.ts'
import type { AccountStore } from '../../ports/account-store.ts'
import type { TrainingUsageStore } from '../../ports/runs.ts'
import type { Clock } from '../../ports/system.ts'

/** Of one account; null is no limit. */
export interface TrainingLimits {
  /** Runs that wait or train. */
  unfinishedRuns: number | null
  /** Runs that train at the same time. */
  runsAtOnce: number | null
  dailyMinutes: number | null
}

const NO_LIMITS: TrainingLimits = { unfinishedRuns: null, runsAtOnce: null, dailyMinutes: null }

/** Minutes of training of today. */
export type TrainingStanding = Standing & { used: number }

export interface TrainingAllowanceDeps {
  accounts: Pick<AccountStore, 'find'>
  usage: TrainingUsageStore
  clock: Clock
  limits: TrainingLimits
}

const MINUTE_MS = 60_000

export class TrainingAllowance {
  readonly #deps: TrainingAllowanceDeps

  constructor(deps: TrainingAllowanceDeps) {
    this.#deps = deps
  }

  /** What limits the account. */
  async limitsOf(accountId: string): Promise<TrainingLimits> {
    const account = await this.#deps.accounts.find(accountId)
    return !account || account.isAdmin ? NO_LIMITS : this.#deps.limits
  }

  /** How the account stands today. */
  async standing(accountId: string): Promise<TrainingStanding> {
    const { usage, clock } = this.#deps
    const now = clock.now()
    const { dailyMinutes: limit } = await this.limitsOf(accountId)
    const used = (await usage.trained(accountId, dayOf(now))) / MINUTE_MS
    const remaining = limit === null ? null : Math.max(0, limit - used)
    return { resource: 'daily_training_minutes', used, limit, remaining, resetAt: nextDay(now) }
  }

  /**
   * Refuse a run that could not begin today.
   *
   * @throws AppError INSUFFICIENT_QUOTA
   */
  async require(accountId: string): Promise<void> {
    const standing = await this.standing(accountId)
    if (standing.remaining !== 0) return
    const params = {
      pool: 'The training minutes of today are',
      used: Math.floor(standing.used),
      limit: standing.limit ?? 0,
      needed: 1,
      resetAt: isoSeconds(standing.resetAt),
    }
    const whole = { ...standing, remaining: 0 }
    throw new AppError('INSUFFICIENT_QUOTA', {
      params,
      headers: refusalHeaders(whole, this.#deps.clock.now()),
    })
  }

  /** Whether another run of the account may train now. @param training  runs of it that train */
  async mayTrain(accountId: string | null, training: number): Promise<boolean> {
    if (accountId === null) return true
    const { runsAtOnce } = await this.limitsOf(accountId)
    if (runsAtOnce !== null && training >= runsAtOnce) return false
    return (await this.standing(accountId)).remaining !== 0
  }

  /** Count time of training. @returns whether the account has more of it today */
  async spend(accountId: string | null, milliseconds: number): Promise<boolean> {
    if (accountId === null) return true
    const { usage, clock } = this.#deps
    await usage.add(accountId, dayOf(clock.now()), milliseconds)
    return (await this.standing(accountId)).remaining !== 0
  }
}
