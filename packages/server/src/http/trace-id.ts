import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const SENTRY_TRACE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})(-|$)/i

/**
 * The id under which a request is logged and its errors are reported, in UUID form: the trace that the official client
 * sends with a fit and all predictions from it, else a new one.
 */
export function traceIdOf(request: IncomingMessage): string {
  const header = request.headers['sentry-trace']
  const match = typeof header === 'string' ? SENTRY_TRACE.exec(header) : null
  return match ? match.slice(1, 6).join('-').toLowerCase() : randomUUID()
}
