import {
  exportQuerySchema,
  importedProjectSchema,
  importQuerySchema,
  MAX_ARCHIVE_BYTES,
  projectIdSchema,
  ROUTES,
} from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../../domain/app-error.ts'
import { type Api, errorResponses } from '../../api.ts'
import { bodyChunks } from '../../body-chunks.ts'
import type { AppDeps } from '../../deps.ts'
import type { InlineShare } from '../../json/inline-budget.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeProject } from '../../present/studio.ts'

/** `GET /projects/{projectId}/export`: the project as a tar.gz in the canonical layout. */
export function exportProjectRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Export a project',
    description:
      'All versions and the records of all runs in the canonical file layout, with the brains if asked for. The archive tells ' +
      'nothing of this server, its accounts or ids, and the same project always gives the same bytes.',
    params: projectIdSchema,
    querystring: exportQuerySchema,
    response: {
      200: { description: 'The archive', content: { 'application/gzip': { schema: z.file() } } },
      ...errorResponses('NOT_FOUND', 'STUDIO_LIMIT_REACHED'),
    },
  }
  app.get(ROUTES.exportProject.path, { schema }, async (request, reply) => {
    const { slug, bytes } = await services.projectArchives.export(
      callerOf(request).id,
      request.params.projectId,
      { withBrains: request.query.brains === 'true' },
    )
    reply.header('content-disposition', `attachment; filename="${slug}.tar.gz"`)
    reply.type('application/gzip')
    return reply.send(bytes as never)
  })
}

/** `POST /project-imports`: a new project from a tar.gz. */
export function importProjectRoute(app: Api, { services, inline }: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Import a project',
    description:
      'A new project from a .tar.gz: one that was exported, or a folder of a repository with priors/, models/ and evals/. Files ' +
      'are read leniently; `skipped` lists those that are not kept. Everything is imported, or nothing, but for runs: they are ' +
      'kept as far as they can be planned here, and a brain when it is verified to be that of its run.',
    querystring: importQuerySchema,
    requestBody: {
      description: `The archive, at most ${MAX_ARCHIVE_BYTES} bytes; any content type`,
      content: { 'application/octet-stream': { schema: z.file() } },
    },
    response: {
      201: importedProjectSchema,
      ...errorResponses('ARCHIVE_INVALID', 'PROJECT_SLUG_TAKEN', 'STUDIO_LIMIT_REACHED', 'SERVER_BUSY'),
    },
  }
  app.post(ROUTES.importProject.path, { schema }, async (request, reply) => {
    const share = inline.budget.open()
    try {
      const archive = await readBody(request, share)
      const imported = await services.projectArchives.import(callerOf(request).id, archive, request.query)
      const counts = await services.projects.counts(imported.found.project.id)
      const answer = {
        ...describeProject(imported.found, counts),
        runs: imported.runs,
        skipped: imported.skipped,
      }
      return reply.code(201).send(answer)
    } finally {
      share.close()
    }
  })
}

/** @throws AppError PAYLOAD_TOO_LARGE, SERVER_BUSY, MALFORMED_REQUEST */
async function readBody(request: FastifyRequest, share: InlineShare): Promise<Buffer> {
  const tooLarge = () => new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes: MAX_ARCHIVE_BYTES } })
  if (Number(request.headers['content-length'] ?? 0) > MAX_ARCHIVE_BYTES) throw tooLarge()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of bodyChunks(request.raw)) {
    bytes += chunk.length
    if (bytes > MAX_ARCHIVE_BYTES) throw tooLarge()
    share.take(chunk.length)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
