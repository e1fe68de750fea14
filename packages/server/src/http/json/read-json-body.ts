import type { IncomingMessage } from 'node:http'
import { setImmediate as breathe } from 'node:timers/promises'
import { AppError } from '../../domain/app-error.ts'
import { bodyChunks } from '../body-chunks.ts'
import type { InlineShare } from './inline-budget.ts'
import { type JsonLimits, JsonReader } from './json-reader.ts'

/**
 * The body of a request as a value, read while it arrives; `NaN` and infinities are tolerated (see `json-reader.ts`).
 *
 * @param limits with the share of memory to take the bytes from
 * @throws AppError PAYLOAD_TOO_LARGE, SERVER_BUSY, MALFORMED_JSON, LIMIT_EXCEEDED, MALFORMED_REQUEST
 */
export async function readJsonBody(
  request: IncomingMessage,
  limits: JsonLimits & { maxBytes: number; share: InlineShare },
): Promise<unknown> {
  const { maxBytes } = limits
  const tooLarge = () => new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes: maxBytes } })
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  const reader = new JsonReader(limits)
  let bytes = 0
  for await (const piece of bodyChunks(request)) {
    bytes += piece.length
    if (bytes > maxBytes) throw tooLarge()
    limits.share.take(piece.length)
    reader.write(piece)
    await breathe()
  }
  return reader.finish()
}
