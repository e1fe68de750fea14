import type { ErrorEntry } from './entry.ts'

/** Failures of the server itself. */
export const SERVER_ERRORS = {
  GENERAL_ERROR: {
    status: 500,
    family: 'error.internal',
    message: 'An internal error happened. Report the trace ID to the operator of this server.',
    retryable: false,
    meaning: 'A bug or a damaged installation. The log has the cause under the trace ID.',
  },
  SERVER_BUSY: {
    status: 503,
    family: 'error.unavailable',
    message: 'The server is working on as many requests as it accepts. Try again in a moment.',
    retryable: true,
    meaning: 'The queue of the engine is full. `Retry-After` says when to try again.',
  },
  NOT_READY: {
    status: 503,
    family: 'error.unavailable',
    message: 'The server is not ready: {reason}',
    retryable: true,
    meaning: 'The server is starting, its self-test failed, or no usable model is installed.',
  },
  ENGINE_FAILED: {
    status: 503,
    family: 'error.unavailable',
    message: 'The computation broke off. Try again; if it happens again, send less data at a time.',
    retryable: true,
    meaning: 'A process of the engine died or cannot be started, mostly for lack of memory.',
  },
  SHUTTING_DOWN: {
    status: 503,
    family: 'error.unavailable',
    message: 'The server is shutting down. Try again in a moment.',
    retryable: true,
    meaning: 'The server takes no new work and finishes what is running.',
  },
  FIT_INTERRUPTED: {
    status: 503,
    family: 'error.unavailable',
    message: 'The work was interrupted because the server stopped. Send the request again.',
    retryable: true,
    meaning: 'A fit or a prediction did not end before the server had to stop. The upload is kept.',
  },
  STORAGE_FULL: {
    status: 507,
    family: 'error.unavailable',
    message: 'The server has no storage left for this file.',
    retryable: false,
    meaning: 'The disk of the server is full. Nothing of the file is kept; earlier data is not affected.',
  },
} as const satisfies Record<string, ErrorEntry>
