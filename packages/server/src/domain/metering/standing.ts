/** How an account stands in one limit, and the headers that tell it. */
import { isoSeconds } from './periods.ts'

/** One limit and what is left of it. */
export interface Standing {
  /** Name of the limit, such as `daily_tokens` or `predict_per_minute`. */
  resource: string
  /** Null when unlimited. */
  limit: number | null
  /** Never below 0; null when unlimited. */
  remaining: number | null
  /** When it is filled again; ms since 1970. */
  resetAt: number
}

/** Wire value of "unlimited", as clients of the usage route read it. */
export const UNLIMITED_ON_WIRE = -1

/** `X-RateLimit-*`: whole numbers, -1 for unlimited, and the time of the reset as `2026-11-23T00:00:00Z`. */
export function standingHeaders(standing: Standing): Record<string, string> {
  return {
    'x-ratelimit-limit': String(standing.limit ?? UNLIMITED_ON_WIRE),
    'x-ratelimit-remaining': String(standing.remaining ?? UNLIMITED_ON_WIRE),
    'x-ratelimit-reset': isoSeconds(standing.resetAt),
    'x-ratelimit-resource': standing.resource,
  }
}

/** Headers of a refusal: the limit that was hit, and whole seconds until it is filled again. */
export function refusalHeaders(standing: Standing, now: number): Record<string, string> {
  const seconds = Math.max(1, Math.ceil((standing.resetAt - now) / 1000))
  return { ...standingHeaders(standing), 'retry-after': String(seconds) }
}
