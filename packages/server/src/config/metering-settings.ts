/** Settings of what an account may use. 0 is unlimited, which is the default: a limit is the operator's decision. */
import { type MeteringLimits, POOLS, RATE_WINDOWS, REQUEST_KINDS } from '../domain/metering/limits.ts'
import { limit } from './setting.ts'

const rate = (env: string, what: string, window: string) =>
  limit(env, what, `Most ${what} of one account per ${window}.`)

export const METERING_SETTINGS = {
  daily_tokens: limit(
    'POSTERIOR_DAILY_TOKENS',
    'tokens',
    'Most tokens of one account in a day; filled again at 00:00 UTC.',
  ),
  monthly_tokens: limit(
    'POSTERIOR_MONTHLY_TOKENS',
    'tokens',
    'Most tokens of one account in a month; filled again on the 1st, 00:00 UTC.',
  ),
  monthly_thinking_fits: limit(
    'POSTERIOR_MONTHLY_THINKING_FITS',
    'fits',
    'Most thinking fits of one account in a month; filled again on the 1st, 00:00 UTC.',
  ),
  predict_per_minute: rate('POSTERIOR_PREDICTIONS_PER_MINUTE', 'predictions', 'minute'),
  predict_per_hour: rate('POSTERIOR_PREDICTIONS_PER_HOUR', 'predictions', 'hour'),
  fit_per_minute: rate('POSTERIOR_FITS_PER_MINUTE', 'fits', 'minute'),
  fit_per_hour: rate('POSTERIOR_FITS_PER_HOUR', 'fits', 'hour'),
  thinking_fit_per_minute: rate('POSTERIOR_THINKING_FITS_PER_MINUTE', 'thinking fits', 'minute'),
  thinking_fit_per_hour: rate('POSTERIOR_THINKING_FITS_PER_HOUR', 'thinking fits', 'hour'),
  upload_per_minute: rate('POSTERIOR_UPLOADS_PER_MINUTE', 'uploads', 'minute'),
  upload_per_hour: rate('POSTERIOR_UPLOADS_PER_HOUR', 'uploads', 'hour'),
  run_per_minute: rate('POSTERIOR_RUNS_PER_MINUTE', 'orders of training runs', 'minute'),
  run_per_hour: rate('POSTERIOR_RUNS_PER_HOUR', 'orders of training runs', 'hour'),
  studio_per_minute: rate('POSTERIOR_STUDIO_REQUESTS_PER_MINUTE', 'other requests to the studio', 'minute'),
  studio_per_hour: rate('POSTERIOR_STUDIO_REQUESTS_PER_HOUR', 'other requests to the studio', 'hour'),
} as const

/** The limits that the settings ask for. */
export function meteringLimitsOf(
  config: Readonly<Record<keyof typeof METERING_SETTINGS, number>>,
): MeteringLimits {
  const orNone = (value: number) => (value === 0 ? null : value)
  const pools = POOLS.map((pool) => [pool, orNone(config[pool])])
  const rates = REQUEST_KINDS.map((kind) => [
    kind,
    Object.fromEntries(RATE_WINDOWS.map((window) => [window, orNone(config[`${kind}_per_${window}`])])),
  ])
  return {
    pools: Object.fromEntries(pools) as MeteringLimits['pools'],
    rates: Object.fromEntries(rates) as MeteringLimits['rates'],
  }
}
