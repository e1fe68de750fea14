/** What an installation lets an account use. */

/** Kinds of requests that have a rate of their own. A thinking fit counts as a fit as well. */
export const REQUEST_KINDS = ['predict', 'fit', 'thinking_fit', 'upload', 'run', 'studio'] as const

export type RequestKind = (typeof REQUEST_KINDS)[number]

/** What is used up and filled again: tokens by the day and the month, thinking fits by the month, all in UTC. */
export const POOLS = ['daily_tokens', 'monthly_tokens', 'monthly_thinking_fits'] as const

export type PoolName = (typeof POOLS)[number]

/** Windows of a rate; both apply. */
export const RATE_WINDOWS = ['minute', 'hour'] as const

export type RateWindow = (typeof RATE_WINDOWS)[number]

/** Null is unlimited. */
export interface MeteringLimits {
  pools: Readonly<Record<PoolName, number | null>>
  rates: Readonly<Record<RequestKind, Readonly<Record<RateWindow, number | null>>>>
}

const NO_RATE = { minute: null, hour: null }

/** What the administrator has, and everyone else unless the operator sets limits. */
export const UNLIMITED: MeteringLimits = {
  pools: { daily_tokens: null, monthly_tokens: null, monthly_thinking_fits: null },
  rates: {
    predict: NO_RATE,
    fit: NO_RATE,
    thinking_fit: NO_RATE,
    upload: NO_RATE,
    run: NO_RATE,
    studio: NO_RATE,
  },
}
