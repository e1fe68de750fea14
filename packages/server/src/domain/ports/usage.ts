/** What accounts have used. Amounts are held before the work and given back when it fails. */

/** Sums of one day and its month; amounts that are held count as used. */
export interface UsageTotals {
  dayTokens: number
  monthTokens: number
  monthThinkingFits: number
}

/** Day (`2026-11-22`) and month (`2026-11`) that something is charged to. */
export interface UsagePeriods {
  day: string
  month: string
}

/** An amount to hold. */
export interface UsageHold extends UsagePeriods {
  /** Id of the charge. */
  id: string
  accountId: string
  /** Equal for requests that are the same one sent again. */
  requestKey: string
  /** What the request works on, such as the id of a test set. */
  subject: string
  operation: string
  tokens: number
  thinkingFits: number
  /** ms since 1970. */
  createdAt: number
}

/** A charge that was made or found. */
export interface HeldCharge {
  id: string
  tokens: number
  /** Whether an earlier charge of the same request is shared. */
  isShared: boolean
}

export interface UsageStore {
  totals(accountId: string, periods: UsagePeriods): Promise<UsageTotals>
  /** Whether a charge of this key, made after `since`, may be shared by the same request sent again. */
  hasOpenCharge(accountId: string, requestKey: string, since: number): Promise<boolean>
  /**
   * In one transaction: share an open charge of the same key that was made after `sharedSince`; else read the totals, let
   * `decide` refuse by throwing, and add the amounts to day and month.
   */
  hold(
    hold: UsageHold,
    rule: { sharedSince: number; decide: (totals: UsageTotals) => void },
  ): Promise<HeldCharge>
  /** The work of one holder is done: the amounts stay, even if another holder fails. */
  settle(id: string): Promise<void>
  /** In one transaction: one holder failed; the amounts are given back when no other is left and none settled. */
  release(id: string): Promise<void>
  /** The same request about `subject` is from now on a new one: settled charges of it are not shared any more. */
  closeCharges(accountId: string, subject: string): Promise<void>
  /** Give back what was held by work that a kill broke off; only at start. @returns the number of charges */
  releaseUnsettled(): Promise<number>
  /** Remove settled charges made before `chargesBefore` and sums of periods before the day `periodsBefore`. */
  removeOld(limits: { chargesBefore: number; periodsBefore: string }): Promise<number>
}
