/** Requests that are metered: a route says of which kind it is, with `config: { meter: 'predict' }`, and nothing more. */
import type { FastifyInstance } from 'fastify'
import type { Metering, RequestKind } from '../../domain/metering/metering.ts'
import { standingHeaders } from '../../domain/metering/standing.ts'
import { addErrors } from '../openapi/describe-routes.ts'
import { callerOf, knownCaller } from './auth.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Counted against the rates of this kind, and answered with the `X-RateLimit-*` headers. */
    meter?: RequestKind
  }
}

/**
 * Meter the routes of this scope; after `requireBearer`. A request that comes too often is refused before its body is
 * read. Every other answer tells how the account stands once the request is done.
 */
export function meterRequests(scope: FastifyInstance, metering: Metering): void {
  scope.addHook('onRoute', (route) => {
    if (!route.config?.meter) return
    route.schema = { ...route.schema }
    addErrors(route.schema, ['RATE_LIMIT_EXCEEDED'])
  })
  scope.addHook('onRequest', async (request) => {
    const { meter } = request.routeOptions.config
    if (meter) await metering.admit(callerOf(request).id, meter)
  })
  scope.addHook('onSend', async (request, reply) => {
    const { meter } = request.routeOptions.config
    const account = knownCaller(request)
    // A refusal carries the headers of the limit that was hit.
    if (!meter || !account || reply.hasHeader('x-ratelimit-limit')) return
    reply.headers(standingHeaders(await metering.standing(account.id, meter)))
  })
}
