import { z } from 'zod'
import { type ErrorEnvelope, errorEnvelopeSchema } from '../errors/envelope.ts'

/** What the routes of the studio answer when they fail: the envelope, and `error` as programs of the studio read it. */
export const studioErrorSchema = errorEnvelopeSchema
  .extend({ error: z.string().describe('Same text as message; "Unauthorized" for status 401') })
  .meta({ id: 'StudioError', description: 'The body of every answer of the studio that is not a success' })

/** The envelope with `error`. */
export function studioError(envelope: ErrorEnvelope): z.infer<typeof studioErrorSchema> {
  const isUnauthorized = envelope.error_code === 'UNAUTHORIZED'
  return { error: isUnauthorized ? 'Unauthorized' : envelope.message, ...envelope }
}
