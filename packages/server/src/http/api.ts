import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, errorEntry, errorEnvelopeSchema } from '@posterior/contracts'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'

/** The app with types from zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** Response schemas for the statuses of these errors, so that a route declares everything it can answer. */
export function errorResponses(...codes: ErrorCode[]): Record<number, typeof errorEnvelopeSchema> {
  return Object.fromEntries(codes.map((code) => [errorEntry(code).status, errorEnvelopeSchema]))
}
