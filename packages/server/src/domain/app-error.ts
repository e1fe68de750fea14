import { type ErrorCode, errorEntry, errorMessage, type FieldError } from '@posterior/contracts'

/** What an `AppError` may carry beside its code. */
export interface AppErrorOptions {
  /** Values for the `{name}` places of the catalogue's message. */
  params?: Readonly<Record<string, string | number>>
  /** A better text than the catalogue's, fit to show to the caller. */
  message?: string
  /** The fields to blame; sent with status 422. */
  errors?: readonly FieldError[]
  /** Extra fields of the answer's body, such as the id of a duplicate. */
  body?: Readonly<Record<string, unknown>>
  /** Extra headers of the answer, lower case. */
  headers?: Readonly<Record<string, string>>
  cause?: unknown
}

/**
 * A failure that the caller is told about: a code of the error catalogue and a text that says what was expected, what
 * came and what to do. Anything else that is thrown is a bug and becomes GENERAL_ERROR at the edge.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly errors: readonly FieldError[]
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const message = options.message ?? errorMessage(code, options.params)
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.status = errorEntry(code).status
    this.errors = options.errors ?? []
    this.body = options.body ?? {}
    this.headers = options.headers ?? {}
  }
}

/** A 422 that blames one field of the request. */
export function invalidField(field: string, message: string): AppError {
  return new AppError('REQUEST_VALIDATION_ERROR', {
    message: `${field}: ${message}`,
    errors: [{ field, message }],
  })
}
