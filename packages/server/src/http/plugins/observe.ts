import type { FastifyInstance } from 'fastify'
import type { AppDeps } from '../deps.ts'
import { errorOf } from './errors.ts'

/** Probes come every few seconds; they say nothing when all is well or the server is only not ready. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(['/health/live', '/health/ready', '/metrics', '/ping'])

/** One log line and one measurement per request. URLs are logged without their query, which holds signatures. */
export function observeRequests(app: FastifyInstance, deps: Pick<AppDeps, 'metrics'>): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request
    const route = request.routeOptions.url ?? 'unknown'
    const { statusCode: status, elapsedTime } = reply
    deps.metrics.requestSeconds.observe({ method, route, status }, elapsedTime / 1000)
    if (QUIET_ROUTES.has(route) && (status < 400 || status === 503)) return
    const path = request.url.split('?')[0]
    const error = errorOf(request)
    const failure = error && { code: error.code, reason: error.message }
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
