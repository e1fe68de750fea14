import type { ErrorEntry } from './entry.ts'

/** Errors of who is asking. */
export const ACCOUNT_ERRORS = {
  UNAUTHORIZED: {
    status: 401,
    family: 'auth.unauthorized',
    message: 'Not authenticated. Send the header "Authorization: Bearer <token>".',
    retryable: false,
    meaning: 'The bearer token is missing, malformed, unknown, expired or revoked.',
  },
} as const satisfies Record<string, ErrorEntry>
