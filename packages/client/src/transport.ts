/** Requests with a token, retries and errors that say what the server said. Needs nothing but `fetch`. */
import { errorOf, PosteriorError } from './posterior-error.ts'

export interface ClientOptions {
  /** Address of the server; default `http://127.0.0.1:8000`. */
  url?: string
  /** Token of an account; share links need none. */
  token?: string
  /** How often a request that may succeed later is sent again; default 2. */
  retries?: number
  /** Longest time of one request, in milliseconds; default ten minutes. */
  timeoutMs?: number
  /** In place of the global `fetch`. */
  fetch?: typeof fetch
}

/** Of one call. */
export interface CallOptions {
  /** Breaks the call off. */
  signal?: AbortSignal
}

export interface Asked extends CallOptions {
  body?: unknown
  /** Whether the request may be sent twice: it reads, or has no effect that lasts. Default: GET alone. */
  repeatable?: boolean
}

const DEFAULT_URL = 'http://127.0.0.1:8000'
const DEFAULT_TIMEOUT_MS = 600_000
const FIRST_PAUSE_MS = 250
/** A server that asks for more patience is reported to the caller instead. */
const LONGEST_PAUSE_MS = 30_000

export class Transport {
  readonly url: string
  readonly #token: string | undefined
  readonly #retries: number
  readonly #timeoutMs: number
  readonly #fetch: typeof fetch

  constructor(options: ClientOptions = {}) {
    this.url = (options.url ?? DEFAULT_URL).replace(/\/+$/, '')
    this.#token = options.token
    this.#retries = options.retries ?? 2
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
    this.#fetch = options.fetch ?? ((...request) => fetch(...request))
  }

  /**
   * One call; JSON in and out.
   *
   * @returns the body; undefined when there is none
   * @throws PosteriorError when the server refuses or cannot be reached; the reason of `signal`; TypeError for a value that
   *   JSON cannot hold
   */
  async json<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
    const answer = await this.send(method, path, asked)
    const text = await answer.text()
    const body: unknown = text.trim() === '' ? undefined : JSON.parse(text)
    if (isStreamedError(body)) throw errorOf(body.status_code, body, null)
    return body as T
  }

  /** One call whose answer is read by the caller. @throws as `json` */
  async send(
    method: string,
    path: string,
    asked: Asked & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const { body, signal, repeatable = method === 'GET' } = asked
    const text = body === undefined ? undefined : JSON.stringify(body, refuseInfinity)
    const headers: Record<string, string> = {
      ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
      ...(text !== undefined && { 'content-type': 'application/json' }),
      ...asked.headers,
    }
    for (let attempt = 0; ; attempt++) {
      const timeout = AbortSignal.timeout(this.#timeoutMs)
      const request = {
        method,
        headers,
        ...(text !== undefined && { body: text }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      }
      const outcome = await this.#attempt(path, request, signal)
      if (outcome instanceof Response) return outcome
      const pause = outcome.retryAfter === null ? FIRST_PAUSE_MS * 2 ** attempt : outcome.retryAfter * 1000
      // What was refused before any work began may be sent again, whatever it is.
      const isSafe = repeatable || outcome.status === 429 || outcome.status === 503
      const isLast = attempt >= this.#retries || !outcome.retryable || !isSafe || pause > LONGEST_PAUSE_MS
      if (isLast) throw outcome
      await delay(pause, signal)
    }
  }

  async #attempt(
    path: string,
    request: RequestInit,
    signal: AbortSignal | undefined,
  ): Promise<Response | PosteriorError> {
    let answer: Response
    try {
      answer = await this.#fetch(this.url + path, request)
    } catch (cause) {
      signal?.throwIfAborted()
      const isTimeout = cause instanceof Error && cause.name === 'TimeoutError'
      const what = isTimeout
        ? `did not answer within ${this.#timeoutMs / 1000} s`
        : 'cannot be reached; is it running?'
      return new PosteriorError(`The server at ${this.url} ${what}`, { retryable: !isTimeout, cause })
    }
    if (answer.ok) return answer
    const body: unknown = await answer.json().catch(() => undefined)
    return errorOf(answer.status, body, answer.headers.get('retry-after'))
  }
}

/** A failure in an answer that had already begun with status 200. */
function isStreamedError(body: unknown): body is { status_code: number } {
  return typeof body === 'object' && body !== null && '_streamed_error' in body && 'status_code' in body
}

/** `JSON.stringify` would write null, which means missing. NaN does mean that. */
function refuseInfinity(key: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    throw new TypeError(
      `"${key}" is ${value}, which JSON cannot hold. Send a finite number, or null for missing.`,
    )
  }
  return value
}

function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })
}
