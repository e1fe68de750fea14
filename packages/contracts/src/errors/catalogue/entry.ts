/** Wire value of `code` in the envelope: the families that the published OpenAPI names, plus our own. */
export type ErrorFamily =
  | 'auth.unauthorized'
  | 'auth.forbidden'
  | 'error.not_found'
  | 'error.bad_request'
  | 'error.conflict'
  | 'error.payload_too_large'
  | 'error.unsupported_media_type'
  | 'error.method_not_allowed'
  | 'error.internal'
  | 'error.unavailable'
  | 'rate.limit.exceeded'
  | 'validation.failed'

/** One row of the catalogue. */
export interface ErrorEntry {
  /** HTTP status; the real one, never a 200 with a failure inside unless the answer had already started. */
  status: number
  family: ErrorFamily
  /** Text for the caller; `{name}` is filled from the parameters given where the error is raised. */
  message: string
  /** Whether the same request may succeed later without any change. */
  retryable: boolean
  /** Reference page: when it happens and what to do. */
  meaning: string
}

/** An entry for data or a request that cannot be used as it is: status 422. */
export const invalidData = (message: string, meaning: string): ErrorEntry => ({
  status: 422,
  family: 'validation.failed',
  message,
  retryable: false,
  meaning,
})
