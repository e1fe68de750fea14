import type { FastifyRequest } from 'fastify'
import { AppError, invalidField } from '../../domain/app-error.ts'
import type { InlineBudget } from './inline-budget.ts'
import { readJsonBody } from './read-json-body.ts'

/** Limits of requests that carry tables in JSON. */
export interface InlineLimits {
  maxBytes: number
  maxValues: number
  budget: InlineBudget
}

/** Whether a request says that its body is JSON. */
export function isJson({ headers }: FastifyRequest): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? '')
}

/**
 * Read a JSON object that carries tables and use it; its memory is counted until `use` ends.
 *
 * @param maxDepth of lists and objects in one another
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON, PAYLOAD_TOO_LARGE, LIMIT_EXCEEDED, SERVER_BUSY,
 *   REQUEST_VALIDATION_ERROR when it is no object, and what `use` throws
 */
export async function withJsonBody<T>(
  request: FastifyRequest,
  { inline, maxDepth }: { inline: InlineLimits; maxDepth: number },
  use: (body: Record<string, unknown>) => Promise<T>,
): Promise<T> {
  if (!isJson(request)) {
    const contentType = request.headers['content-type'] || 'none'
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', { params: { contentType } })
  }
  const share = inline.budget.open()
  try {
    const body = await readJsonBody(request.raw, { ...inline, maxDepth, share })
    if (body === null || typeof body !== 'object' || Array.isArray(body)) {
      throw invalidField('body', 'must be a JSON object')
    }
    return await use(body as Record<string, unknown>)
  } finally {
    share.close()
  }
}
