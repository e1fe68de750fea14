import type { ErrorEntry } from './entry.ts'

/** Errors of asking too often or for more than the account may use; both carry `Retry-After`. */
export const METERING_ERRORS = {
  RATE_LIMIT_EXCEEDED: {
    status: 429,
    family: 'rate.limit.exceeded',
    message: 'Too many requests: {limit} {what} are allowed per {window}. Try again after {resetAt}.',
    retryable: true,
    meaning:
      'More requests of one kind in a minute or an hour than the operator of this server allows an account. ' +
      '`Retry-After` says in how many seconds the next one is accepted.',
  },
  INSUFFICIENT_QUOTA: {
    status: 429,
    family: 'rate.limit.exceeded',
    message: '{pool} used up: {used} of {limit} used, {needed} needed. It is filled again at {resetAt}.',
    retryable: true,
    meaning:
      'The account has less left in a pool of tokens or thinking fits than the operation costs. Nothing was charged. ' +
      '`Retry-After` and the message say when the pool is filled again; a smaller request may still fit.',
  },
  TOO_MANY_RUNS: {
    status: 429,
    family: 'rate.limit.exceeded',
    message:
      'Another run would be more than the {limit} of one account that may wait or train. Cancel one, or wait.',
    retryable: true,
    meaning:
      'The operator of this server limits the training runs that one account has in the queue, over all projects. Nothing was queued.',
  },
} as const satisfies Record<string, ErrorEntry>
