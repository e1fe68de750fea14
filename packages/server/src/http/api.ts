import type { IncomingMessage, ServerResponse } from 'node:http'
import { DATA_ERROR_CODES, type ErrorCode, errorEntry, errorEnvelopeSchema } from '@posterior/contracts'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'

/** The app with types from zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** What a fit can end with once its request was found valid. */
export const FIT_ERRORS = [
  'UPLOAD_INCOMPLETE',
  'UPLOAD_HASH_MISMATCH',
  'LIMIT_EXCEEDED',
  'MODEL_RANGE_EXCEEDED',
  ...DATA_ERROR_CODES,
  'SERVER_BUSY',
  'NOT_READY',
  'ENGINE_FAILED',
  'FIT_INTERRUPTED',
] as const satisfies ErrorCode[]

/** What a prediction can end with once its request was found valid. */
export const PREDICT_ERRORS = [
  ...FIT_ERRORS,
  'TASK_MISMATCH',
  'FIT_NOT_COMPLETED',
  'FIT_LOST',
  'FIT_MODEL_CHANGED',
] as const satisfies ErrorCode[]

/** An error response as the API document needs it: the body, and which errors come with this status. */
export interface DeclaredErrors {
  schema: z.ZodType
  codes: readonly ErrorCode[]
}

const declared = new WeakMap<object, DeclaredErrors>()

/** What a response schema of a route says about errors; undefined for one that is not about errors. */
export function declaredErrors(schema: unknown): DeclaredErrors | undefined {
  return typeof schema === 'object' && schema !== null ? declared.get(schema) : undefined
}

/** Response schemas for the statuses of these errors, so that a route declares everything it can answer. */
export function errorResponses(...codes: ErrorCode[]): Record<number, typeof errorEnvelopeSchema> {
  const byStatus = Map.groupBy(new Set(codes), (code) => errorEntry(code).status)
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [status, errorBody(errorEnvelopeSchema, ...ofStatus)]),
  )
}

/** The schema of an error body that has more fields than the envelope, for these errors of one status. */
export function errorBody<S extends z.ZodType>(schema: S, ...codes: ErrorCode[]): S {
  // A copy: the same schema is declared by many routes, each with its own errors.
  const own = schema.clone()
  declared.set(own, { schema, codes })
  return own
}
