/** One invalid field of a request: a path such as `rows.3`, and what is wrong with it. */
export interface FieldProblem {
  field: string
  message: string
}

/** What the server said when it refused, or that it could not be reached. */
export class PosteriorError extends Error {
  override readonly name = 'PosteriorError'
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Code of the error catalogue, stable; `UNREACHABLE` when there was no answer. */
  readonly code: string
  /** Invalid fields, of a 422. */
  readonly fields: readonly FieldProblem[]
  /** Finds the request in the server's log. */
  readonly traceId: string | null
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
  /** When to send it again, in seconds, if the server said so. */
  readonly retryAfter: number | null

  constructor(
    message: string,
    facts: Partial<
      Pick<PosteriorError, 'status' | 'code' | 'fields' | 'traceId' | 'retryable' | 'retryAfter' | 'cause'>
    >,
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.status = facts.status ?? 0
    this.code = facts.code ?? 'UNREACHABLE'
    this.fields = facts.fields ?? []
    this.traceId = facts.traceId ?? null
    this.retryable = facts.retryable ?? false
    this.retryAfter = facts.retryAfter ?? null
  }
}

/** Fields of an error body that are read; every published shape has a text under one of the first three. */
interface ErrorBody {
  message?: unknown
  error?: unknown
  detail?: unknown
  error_code?: unknown
  errors?: unknown
  trace_id?: unknown
  retryable?: unknown
}

/** The error for a body that a server sent with this status. */
export function errorOf(status: number, body: unknown, retryAfter: string | null): PosteriorError {
  const given: ErrorBody = typeof body === 'object' && body !== null ? body : {}
  const text = [given.message, given.error, given.detail].find((each) => typeof each === 'string')
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter)
  return new PosteriorError(text ?? `The server answered ${status}.`, {
    status,
    code: typeof given.error_code === 'string' ? given.error_code : `HTTP_${status}`,
    fields: Array.isArray(given.errors) ? given.errors : [],
    traceId: typeof given.trace_id === 'string' ? given.trace_id : null,
    retryable: given.retryable === true || status === 429 || status === 503,
    retryAfter: Number.isFinite(seconds) ? seconds : null,
  })
}
