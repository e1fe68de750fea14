/**
 * What every route answers beside what it declares itself: refused bodies, invalid fields, a stopping server. Added to the
 * schemas as the routes are registered, so that a route file lists only what is its own.
 */
import { type ErrorCode, errorEntry, errorEnvelopeSchema, ROUTES } from '@posterior/contracts'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import type { z } from 'zod'
import { declaredErrors, errorBody } from '../api.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** For the API document: a request body that the route reads itself, by content type. */
    requestBody?: BodyByType
  }
}

/** A request body that is not checked before the route is called. */
export interface BodyByType {
  description?: string
  /** Default true. */
  required?: boolean
  content: Record<string, { schema: z.ZodType; encoding?: Record<string, { contentType: string }> }>
}

/** Routes are registered under it a second time; the document mentions them once. */
export const ALIAS_PREFIX = '/api'

/** Methods whose body is read, whether the route wants one or not. */
const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** Answer also while the server stops. */
const ALWAYS_ANSWERED: ReadonlySet<string> = new Set([
  ROUTES.health.path,
  ROUTES.live.path,
  ROUTES.ready.path,
  ROUTES.metrics.path,
])

/**
 * Complete the schema of each route that is registered from now on.
 *
 * @returns these routes, for the document; more are added as they are registered
 */
export function describeRoutes(app: FastifyInstance): RouteOptions[] {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    if (route.schema?.hide || route.prefix === ALIAS_PREFIX) return
    // A copy: two paths may share a schema.
    const schema: FastifySchema = { ...route.schema }
    schema.operationId ??= operationName(route)
    addErrors(schema, commonErrors(route, schema))
    route.schema = schema
    // Fastify makes a HEAD of every GET; the document mentions that once.
    if (route.method !== 'HEAD') routes.push(route)
  })
  return routes
}

/** Add errors to those that a schema declares; a status that it declares keeps its body. */
export function addErrors(schema: FastifySchema, codes: readonly ErrorCode[]): void {
  const responses = { ...(schema.response as Record<number, unknown> | undefined) }
  for (const [status, added] of Map.groupBy(codes, (code) => errorEntry(code).status)) {
    const own = declaredErrors(responses[status])
    const all = new Set([...(own?.codes ?? []), ...added])
    responses[status] = errorBody(own?.schema ?? errorEnvelopeSchema, ...all)
  }
  schema.response = responses
}

function commonErrors(route: RouteOptions, schema: FastifySchema): ErrorCode[] {
  const codes: ErrorCode[] = ['GENERAL_ERROR']
  if (!ALWAYS_ANSWERED.has(route.url)) codes.push('SHUTTING_DOWN')
  if (schema.params || schema.querystring || schema.body || schema.requestBody)
    codes.push('REQUEST_VALIDATION_ERROR')
  const readsBody = [route.method].flat().some((method) => METHODS_WITH_BODY.has(method))
  if (schema.params || readsBody) codes.push('MALFORMED_REQUEST')
  if (readsBody) codes.push('PAYLOAD_TOO_LARGE')
  if (readsBody && !schema.requestBody) codes.push('MALFORMED_JSON', 'UNSUPPORTED_MEDIA_TYPE')
  return codes
}

/** The name of a route in the list of routes, else one made of its method and path. */
function operationName(route: RouteOptions): string {
  const methods = [route.method].flat()
  const found = Object.entries(ROUTES).find(
    ([, { method, path }]) => methods.includes(method) && path === route.url.replace(/(?<=.)\/$/, ''),
  )
  if (found) return found[0]
  const words = `${methods[0]} ${route.url}`.toLowerCase().split(/[^a-z0-9]+/)
  return words.filter((word) => word !== '').join('_')
}
