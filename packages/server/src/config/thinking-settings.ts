/** Settings of thinking mode. */
import type { ThinkingLimits } from '../domain/fits/thinking.ts'
import { integer } from './setting.ts'

const LONGEST = 86_400

export const THINKING_SETTINGS = {
  thinkingMediumSeconds: integer(
    'POSTERIOR_THINKING_MEDIUM_SECONDS',
    [1, LONGEST],
    300,
    'seconds',
    'Time of a thinking fit of effort "medium" that names none.',
  ),
  thinkingHighSeconds: integer(
    'POSTERIOR_THINKING_HIGH_SECONDS',
    [1, LONGEST],
    1_200,
    'seconds',
    'Time of a thinking fit of effort "high" that names none.',
  ),
  thinkingMaxSeconds: integer(
    'POSTERIOR_THINKING_MAX_SECONDS',
    [1, LONGEST],
    2_400,
    'seconds',
    'Most time of a thinking fit; what asks for more gets this, and its predictions say so.',
  ),
  thinkingMinRows: integer(
    'POSTERIOR_THINKING_MIN_ROWS',
    [10, 1_000_000],
    500,
    'rows',
    'Fewest training rows of a thinking fit.',
  ),
  thinkingAtOnce: integer(
    'POSTERIOR_THINKING_AT_ONCE',
    [1, 1_000],
    2,
    'fits',
    'Thinking fits that search at the same time; more of them wait, and their time does not run.',
  ),
} as const

/** What the settings allow. */
export function thinkingLimitsOf(
  config: Readonly<Record<Exclude<keyof typeof THINKING_SETTINGS, 'thinkingAtOnce'>, number>>,
): ThinkingLimits {
  const { thinkingMediumSeconds: medium, thinkingHighSeconds: high, thinkingMaxSeconds: maxSeconds } = config
  return { seconds: { medium, high }, maxSeconds, minRows: config.thinkingMinRows }
}
