/** Every failure leaves as the one envelope: thrown errors, unknown routes, bad URLs and broken HTTP. */

import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { type ErrorEnvelope, errorEnvelope, isStudioUrl, studioError } from '@posterior/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../domain/app-error.ts'
import { absoluteUrl } from '../base-url.ts'
import type { AppDeps } from '../deps.ts'
import { describeError } from './describe-error.ts'

type ErrorDeps = Pick<AppDeps, 'publicUrl' | 'supportUrl'>

/** Path of the error reference of this server. */
const REFERENCE_PATH = '/errors'

/** A client that goes on sending a body that was refused is cut off after this time. */
const REFUSED_BODY_MS = 10_000

/** The envelope of an error for this request, with the extra fields that the error carries. */
export function envelopeFor(request: FastifyRequest, error: AppError, deps: ErrorDeps): ErrorEnvelope {
  const supportUrl = deps.supportUrl ?? absoluteUrl(request, REFERENCE_PATH, deps.publicUrl)
  const { message, errors } = error
  return { ...errorEnvelope(error.code, { message, errors, supportUrl, traceId: request.id }), ...error.body }
}

const answered = new WeakMap<FastifyRequest, AppError>()

/** The error that a request was answered with, for its line in the log. */
export function errorOf(request: FastifyRequest): AppError | undefined {
  return answered.get(request)
}

/** Remember the error for the line of the request; a bug is logged at once, with its stack. */
export function noteError(request: FastifyRequest, error: AppError): void {
  answered.set(request, error)
  if (error.code !== 'GENERAL_ERROR') return
  if (isHangUp(error.cause)) request.log.info('the caller hung up before the answer was complete')
  else request.log.error({ err: error.cause ?? error }, 'request failed')
}

/** Whether this is what a stream says when the connection that it is written to is gone. */
function isHangUp(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_STREAM_PREMATURE_CLOSE'
}

/** Send `thrown` as the envelope, with the field more that programs of the studio read. */
export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
  deps: ErrorDeps,
): void {
  const error = describeError(thrown)
  noteError(request, error)
  const envelope = envelopeFor(request, error, deps)
  // Fastify closes the connection after a refused body, and a client that is still sending then sees a reset instead
  // of the answer. Left open, the rest of the body is read and dropped.
  reply.removeHeader('connection')
  dropBodyLater(request)
  reply
    .code(error.status)
    .headers(error.headers)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(isStudioUrl(request.url) ? studioError(envelope) : envelope)
}

/** Install the handlers on the app. */
export function handleErrors(app: FastifyInstance, deps: ErrorDeps): void {
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error, deps))
  const allowed = collectMethods(app)
  // As a hook rather than a not-found handler, so that the body of a request to nowhere is not parsed first.
  app.addHook('onRequest', async (request) => {
    if (!request.is404) return
    const path = request.url.split('?')[0] ?? '/'
    const methods = allowed(path).join(', ')
    if (methods === '')
      throw new AppError('NOT_FOUND', { params: { what: `Route ${request.method} ${path}` } })
    const params = { method: request.method, path, allowed: methods }
    throw new AppError('METHOD_NOT_ALLOWED', { params, headers: { allow: methods } })
  })
}

/** Answer a connection whose bytes are not HTTP; there is no request to speak of. */
export function answerBrokenHttp(error: Error & { code?: string }, socket: Socket, deps: ErrorDeps): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const reason = error.code === 'HPE_HEADER_OVERFLOW' ? 'the headers are too large.' : 'it is not valid HTTP.'
  const refused = new AppError('MALFORMED_REQUEST', { params: { reason } })
  const supportUrl = deps.supportUrl ?? `${deps.publicUrl ?? ''}${REFERENCE_PATH}`
  const body = JSON.stringify(
    errorEnvelope(refused.code, { message: refused.message, traceId: randomUUID(), supportUrl }),
  )
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** The methods that exist for a path, from the routes that are registered from now on. */
function collectMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: { pattern: RegExp; methods: string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    const literal = url.replace(/\/$/, '').replaceAll('.', '\\.')
    const pattern = new RegExp(`^${literal.replace(/:\w+/g, '[^/]+')}/?$`)
    routes.push({ pattern, methods: [method].flat() })
  })
  return (path) => [...new Set(routes.filter((r) => r.pattern.test(path)).flatMap((r) => r.methods))].sort()
}

function dropBodyLater(request: FastifyRequest): void {
  const { raw } = request
  if (raw.complete || raw.destroyed) return
  raw.resume()
  const timer = setTimeout(() => raw.destroy(), REFUSED_BODY_MS)
  timer.unref()
  raw.once('close', () => clearTimeout(timer))
}
