/** The body of a Predict call, read while it arrives: tables as they came, settings checked. */
import { studioPredictBodySchema, studioPredictSettingsSchema } from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import type { AnswerCommand } from '../../domain/studio/answers.ts'
import { type InlineLimits, withJsonBody } from '../json/with-json-body.ts'
import { validated } from '../validate.ts'

const MAX_DEPTH = 8
const KNOWN: ReadonlySet<string> = new Set(Object.keys(studioPredictBodySchema.shape))

/** A question, and the fields of its body that mean nothing here. */
export interface ReadQuestion extends AnswerCommand {
  unknownFields: string[]
}

/**
 * Read a question and answer it; the memory of its body is counted until `use` ends.
 *
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON, PAYLOAD_TOO_LARGE, LIMIT_EXCEEDED, SERVER_BUSY,
 *   REQUEST_VALIDATION_ERROR, and what `use` throws
 */
export async function withQuestion<T>(
  request: FastifyRequest,
  inline: InlineLimits,
  use: (question: ReadQuestion) => Promise<T>,
): Promise<T> {
  return withJsonBody(request, { inline, maxDepth: MAX_DEPTH }, (body) => use(questionOf(body)))
}

/** The parts of a body. @throws AppError REQUEST_VALIDATION_ERROR for settings that are not valid */
export function questionOf(body: Record<string, unknown>): ReadQuestion {
  if (isDiscovery(body)) return { tables: { isDiscovery: true }, settings: {}, unknownFields: [] }
  const { context, query, ...rest } = body
  const settings = validated(studioPredictSettingsSchema, rest)
  const unknownFields = Object.keys(rest).filter((key) => !KNOWN.has(key))
  return { tables: { context, query }, settings, unknownFields }
}

/** A whole table and no targets asks for its causal graph. */
function isDiscovery(body: object): boolean {
  return ('task' in body && body.task === 'discovery') || ('X' in body && !('context' in body))
}
