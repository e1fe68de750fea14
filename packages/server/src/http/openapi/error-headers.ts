import type { HeaderObject } from './api-document.ts'

type Headers = Record<string, HeaderObject>

const header = (type: 'string' | 'integer', description: string): HeaderObject => ({
  description,
  schema: { type },
})

const RETRY_AFTER = header('integer', 'Seconds after which the same request may succeed')

/** Headers of successful answers to requests that are counted: how the account stands by the limit that is nearest. */
export const STANDING_HEADERS: Headers = {
  'X-RateLimit-Limit': header('integer', 'The limit that is nearest; -1 when nothing is limited'),
  'X-RateLimit-Remaining': header('integer', 'What is left of it; -1 when nothing is limited'),
  'X-RateLimit-Reset': header('string', 'When it is filled again, UTC, such as 2026-11-23T00:00:00Z'),
  'X-RateLimit-Resource': header('string', 'Its name, such as daily_tokens or predict_per_minute'),
}

/** Headers of error responses, by status. */
export const ERROR_HEADERS: Readonly<Record<number, Headers>> = {
  401: { 'WWW-Authenticate': header('string', 'The scheme to authenticate with: Bearer') },
  429: {
    'Retry-After': RETRY_AFTER,
    'X-RateLimit-Limit': header('integer', 'The limit that was hit'),
    'X-RateLimit-Remaining': header('integer', 'What is left of it'),
    'X-RateLimit-Reset': header('string', 'When it is filled again, UTC, such as 2026-11-23T00:00:00Z'),
    'X-RateLimit-Resource': header('string', 'Its name, such as daily_tokens or predict_per_minute'),
  },
  503: { 'Retry-After': RETRY_AFTER },
}
