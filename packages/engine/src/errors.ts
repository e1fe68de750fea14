/**
 * Every way in which the engine refuses or fails a job. Tables that cannot be used, too many rows, columns, cells or
 * classes among the reasons, raise tabular's TableError instead; both cross the process boundary unchanged. The server maps codes to wire errors, so a code is never
 * renamed; adding one is fine.
 */
export const ENGINE_ERROR_CODES = [
  // the job
  'invalid_options',
  'unknown_model',
  'unsupported_task',
  'too_many_output_values',
  'beyond_model_limits',
  'too_large_for_memory',
  // stored state
  'model_corrupt',
  'context_not_found',
  'context_corrupt',
  'context_unsupported',
  'context_model_mismatch',
  // running
  'engine_busy',
  'engine_closed',
  'engine_unavailable',
  'worker_crashed',
  'aborted',
  'non_finite_output',
  'internal',
] as const

export type EngineErrorCode = (typeof ENGINE_ERROR_CODES)[number]

const RETRYABLE: ReadonlySet<EngineErrorCode> = new Set([
  'engine_busy',
  'engine_closed',
  'engine_unavailable',
  'worker_crashed',
])

/**
 * A job that was refused or failed, with a message fit to show to whoever sent it: what was expected, what came,
 * what to do. `details` is plain JSON.
 */
export class EngineError extends Error {
  readonly code: EngineErrorCode
  readonly details: Record<string, unknown>

  constructor(
    code: EngineErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'EngineError'
    this.code = code
    this.details = options.details ?? {}
  }

  /** Whether the same job may well succeed when it is sent again a little later. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }
}
