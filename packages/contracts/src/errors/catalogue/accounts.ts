import { type ErrorEntry, invalidData } from './entry.ts'

const refused = (message: string, meaning: string): ErrorEntry => ({
  status: 403,
  family: 'auth.forbidden',
  message,
  retryable: false,
  meaning,
})

const conflict = (message: string, meaning: string): ErrorEntry => ({
  status: 409,
  family: 'error.conflict',
  message,
  retryable: false,
  meaning,
})

/** Errors of who is asking, and of accounts, passwords and tokens. */
export const ACCOUNT_ERRORS = {
  UNAUTHORIZED: {
    status: 401,
    family: 'auth.unauthorized',
    message: 'Not authenticated. Send the header "Authorization: Bearer <token>".',
    retryable: false,
    meaning: 'The bearer token is missing, malformed, unknown, expired or revoked.',
  },
  INVALID_CREDENTIALS: {
    status: 401,
    family: 'auth.unauthorized',
    message: 'E-mail address or password is not correct.',
    retryable: false,
    meaning:
      'A login with an unknown address, a wrong password, or an account that has no password. The answer is the same for ' +
      'all three.',
  },
  EMAIL_NOT_VERIFIED: refused(
    'The e-mail address of this account is not verified. Open the link in the message that was sent to it, or have ' +
      'another one sent with POST /auth/send_verification_email/.',
    'The server requires verified addresses (`POSTERIOR_REQUIRE_VERIFIED_EMAIL`), and this account has none yet.',
  ),
  FORBIDDEN: refused(
    "This needs an administrator's token.",
    'A route for administrators is called with the token of another account.',
  ),
  REGISTRATION_CLOSED: refused(
    'This server does not let people register by themselves. Ask its administrator for an account: ' +
      'posterior users add ADDRESS.',
    'Registration is off unless the operator sets `POSTERIOR_OPEN_REGISTRATION=true`.',
  ),
  EMAIL_TAKEN: conflict(
    'There is an account with this e-mail address. Log in, or have the password reset.',
    'Every account has an address of its own; upper and lower case do not count.',
  ),
  LAST_ADMIN: conflict(
    'This is the only administrator of the server. Make another account an administrator first.',
    'The last administrator cannot be deleted, because nobody could administer the server any more.',
  ),
  TOO_MANY_TOKENS: conflict(
    'The account has {count} tokens, which is the limit. Revoke one that is no longer used.',
    'An account may have a limited number of tokens.',
  ),
  LINK_NOT_VALID: invalidData(
    'This link or code is not valid: it was used before, has expired, or was replaced by a newer one.',
    'A link to verify an address or to reset a password works once and for a limited time. Have a new one sent.',
  ),
  TOO_MANY_ATTEMPTS: {
    status: 429,
    family: 'rate.limit.exceeded',
    message: 'Too many attempts. Try again in {seconds} seconds.',
    retryable: true,
    meaning:
      'Logins, registrations and messages are limited per account and per network address. `Retry-After` says when to ' +
      'try again.',
  },
} as const satisfies Record<string, ErrorEntry>
