import type { HeaderObject } from './api-document.ts'

type Headers = Record<string, HeaderObject>

const header = (type: 'string' | 'integer', description: string): HeaderObject => ({
  description,
  schema: { type },
})

const RETRY_AFTER = header('integer', 'Seconds after which the same request may succeed')

/** Headers of error responses, by status. */
export const ERROR_HEADERS: Readonly<Record<number, Headers>> = {
  401: { 'WWW-Authenticate': header('string', 'The scheme to authenticate with: Bearer') },
  429: { 'Retry-After': RETRY_AFTER },
  503: { 'Retry-After': RETRY_AFTER },
}
