/** A server's API for the projects of one account. */
import { type CommandContext, CommandError } from '../command.ts'

/** An answer of the server. */
export interface ServerAnswer {
  status: number
  /** The parsed JSON; undefined for anything else. */
  json: unknown
  bytes: Buffer
}

export interface ServerConnection {
  /** Without a slash at its end. */
  url: string
  /** @param body  bytes and forms are sent as they are, anything else as JSON */
  call(method: string, path: string, body?: unknown): Promise<ServerAnswer>
}

/**
 * A way to the server at `url`, with the token in POSTERIOR_TOKEN. Nothing is sent yet.
 *
 * @throws CommandError that says what is missing
 */
export function connectTo(
  url: string | undefined,
  { env, signal }: Pick<CommandContext, 'env' | 'signal'>,
): ServerConnection {
  const base = (url || env['POSTERIOR_URL'] || '').replace(/\/+$/, '')
  if (base === '') throw new CommandError('Say which server: set POSTERIOR_URL, or give --url.')
  if (!URL.canParse(base) || !/^https?:/.test(base)) {
    throw new CommandError(`"${base}" is no address of a server, such as http://127.0.0.1:8000.`)
  }
  const token = env['POSTERIOR_TOKEN'] || env['POSTERIOR_ADMIN_TOKEN']
  if (!token) {
    throw new CommandError(`Set POSTERIOR_TOKEN to a token of the server; ${base}/api-tokens issues them.`)
  }
  return { url: base, call: (method, path, body) => call({ base, token, signal }, { method, path, body }) }
}

async function call(
  { base, token, signal }: { base: string; token: string; signal: AbortSignal },
  { method, path, body }: { method: string; path: string; body: unknown },
): Promise<ServerAnswer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const isFile = body instanceof Uint8Array || body instanceof FormData
  let answer: Response
  try {
    answer = await fetch(`${base}${path}`, {
      method,
      signal,
      headers: body === undefined || isFile ? { authorization: headers.authorization } : headers,
      ...(body !== undefined && { body: isFile ? (body as never) : JSON.stringify(body) }),
    })
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new CommandError(`There is no answer from ${base}. Is the server running?`, { cause })
  }
  const bytes = Buffer.from(await answer.arrayBuffer())
  const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '')
  const result = { status: answer.status, json: isJson ? parse(bytes) : undefined, bytes }
  if (answer.status === 401) {
    throw new CommandError(
      `${base} does not accept the token: it is wrong, expired or revoked. Issue one at ${base}/api-tokens and set POSTERIOR_TOKEN to it.`,
    )
  }
  return result
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

/** What a failed answer says. */
export function reasonOf({ status, json }: ServerAnswer): string {
  const { message, error } = (json ?? {}) as { message?: unknown; error?: unknown }
  const text = typeof message === 'string' ? message : typeof error === 'string' ? error : undefined
  return text ?? `the server answered ${status}`
}

/** @throws CommandError with the server's text unless the answer is a success */
export function requireSuccess(answer: ServerAnswer, what: string): ServerAnswer {
  if (answer.status < 400) return answer
  throw new CommandError(`${what}: ${reasonOf(answer)}`)
}
