import { ROUTES, requestIdSchema } from '@posterior/contracts'
import { z } from 'zod'
import { type Api, errorResponses } from '../../api.ts'
import { bodyChunks } from '../../body-chunks.ts'
import type { AppDeps } from '../../deps.ts'
import { releaseChunks } from '../../release-chunks.ts'

const paramsSchema = z.object({
  uploadId: requestIdSchema.describe('Id of the upload'),
  file: z.enum(['x', 'y']).describe('Features or target'),
  part: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .describe('Which part of the file, from 0'),
})

const querySchema = z.object({
  expires: z.string().optional().describe('As in the signed URL'),
  signature: z.string().optional().describe('As in the signed URL'),
})

/**
 * `PUT` of a signed URL: the bytes of one part, streamed to disk. The URL is the credential, any content type will do, and
 * the answer is 200 with an empty body once the part is safe, because clients take nothing else as success.
 */
export function putPartRoute(app: Api, { services, metrics }: AppDeps): void {
  // A scope of its own: here a body is never parsed, whatever its type.
  app.register(async (scope) => {
    const uploads = scope as Api
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    const schema = {
      tags: ['uploads'],
      summary: 'Deliver a file, or one part of it',
      description:
        'The signed URL of a prepare call; it is the credential, so no token is needed. Any content type will do. Parts may ' +
        'come in any order and may be sent again; the answer is empty and comes when the bytes are safe on disk.',
      requestBody: {
        description: 'The bytes of the part, which may be none',
        required: false,
        content: { 'application/octet-stream': { schema: z.file() } },
      },
      params: paramsSchema,
      querystring: querySchema,
      response: {
        200: z.undefined().describe('The part is safe; the body is empty'),
        ...errorResponses(
          'INVALID_SIGNATURE',
          'NOT_FOUND',
          'UPLOAD_IN_USE',
          'PAYLOAD_TOO_LARGE',
          'UPLOAD_HASH_MISMATCH',
          'STORAGE_FULL',
        ),
      },
    }
    uploads.put(ROUTES.putUploadPart.path, { schema }, async (request, reply) => {
      const { expires = '', signature = '' } = request.query
      const length = Number(request.headers['content-length'])
      const bytes = await services.receiver.receive({
        target: request.params,
        query: { expires, signature },
        body: releaseChunks(bodyChunks(request.raw)),
        ...(Number.isFinite(length) && { declaredBytes: length }),
      })
      metrics.uploadBytes.inc(bytes)
      return reply.code(200).send()
    })
  })
}
