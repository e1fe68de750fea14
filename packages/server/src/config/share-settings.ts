/** Settings of share links, whose callers have no account. 0 is unlimited. */
import type { ShareRates } from '../domain/studio/shares.ts'
import { integer, MAX_COUNT } from './setting.ts'

const perMinute = (env: string, meaning: string) =>
  integer(env, [0, MAX_COUNT], 600, 'calls', `${meaning} 0 is no limit.`)

export const SHARE_SETTINGS = {
  shareCallsPerMinute: perMinute(
    'POSTERIOR_SHARE_CALLS_PER_MINUTE',
    'Most calls of one share link per minute; the limits of the account that made it apply as well.',
  ),
  shareCallsPerAddress: perMinute(
    'POSTERIOR_SHARE_CALLS_PER_ADDRESS',
    'Most calls of share links from one network address per minute.',
  ),
} as const

/** The rates that the settings ask for. */
export function shareRatesOf(config: Readonly<Record<keyof typeof SHARE_SETTINGS, number>>): ShareRates {
  const orNone = (value: number) => (value === 0 ? null : value)
  return { link: orNone(config.shareCallsPerMinute), address: orNone(config.shareCallsPerAddress) }
}
