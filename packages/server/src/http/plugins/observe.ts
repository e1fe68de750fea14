import { withoutShareToken } from '@posterior/contracts'
import type { FastifyInstance } from 'fastify'
import type { AppDeps } from '../deps.ts'
import { errorOf } from './errors.ts'

/** Probes come every few seconds; they say nothing when all is well or the server is only not ready. */
const QUIET_ROUTES: ReadonlySet<string> = new Set([
  '/health',
  '/api/health',
  '/health/live',
  '/health/ready',
  '/metrics',
  '/ping',
])

const UNKNOWN_ROUTE = 'unknown'

/** Routes whose path holds a secret. */
const SECRET_ROUTES = /^(?:\/api)?\/shares\//

/** The path of a request without what only its caller may know. However it was written, the route tells what it is. */
function pathForLog(url: string, route: string): string {
  if (SECRET_ROUTES.test(route)) return route
  const path = url.split('?')[0]!
  return withoutShareToken(decoded(path))
}

/** Only an unknown route is named with its path in the message. */
function reasonForLog(message: string, route: string): string {
  return route === UNKNOWN_ROUTE ? withoutShareToken(decoded(message)) : message
}

function decoded(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    // Not even a path; a secret in it could be written in any way.
    return '[malformed]'
  }
}

/**
 * One log line and one measurement per request. URLs are logged without their query, which holds signatures, and without
 * the tokens of share links.
 */
export function observeRequests(app: FastifyInstance, deps: Pick<AppDeps, 'metrics'>): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request
    const route = request.routeOptions.url ?? UNKNOWN_ROUTE
    const { statusCode: status, elapsedTime } = reply
    deps.metrics.requestSeconds.observe({ method, route, status }, elapsedTime / 1000)
    if (QUIET_ROUTES.has(route) && (status < 400 || status === 503)) return
    const path = pathForLog(request.url, route)
    const error = errorOf(request)
    const failure = error && { code: error.code, reason: reasonForLog(error.message, route) }
    request.log.info({ method, path, status, ms: Math.round(elapsedTime), ...failure }, 'request')
  })
}

/** While the server is stopping, refuse new requests and let connections end. */
export function refuseWhenDraining(app: FastifyInstance, { readiness }: Pick<AppDeps, 'readiness'>): void {
  app.addHook('onRequest', async (request) => {
    if (readiness.isDraining && !QUIET_ROUTES.has(request.routeOptions.url ?? '')) readiness.assertReady()
  })
  app.addHook('onSend', async (_request, reply) => {
    if (readiness.isDraining) reply.header('connection', 'close')
  })
}
