import { ROUTES } from '@posterior/contracts'
import { z } from 'zod'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { zipStream } from '../../zip-stream.ts'

/** `GET /download_all_data/`: everything that the account has, as a zip that is packed while it is sent. */
export function downloadAllDataRoute(app: Api, { services, clock }: AppDeps): void {
  const schema = {
    tags: ['data'],
    summary: 'Download all data',
    description:
      'A zip with `manifest.json`, which lists data sets, fitted models and projects, the uploaded files as they came, and an ' +
      'archive of each project that the account owns.',
    response: {
      200: { description: 'The archive', content: { 'application/zip': { schema: z.file() } } },
      ...errorResponses('UNAUTHORIZED', 'EMAIL_NOT_VERIFIED'),
    },
  }
  app.get(ROUTES.downloadAllData.path, { schema }, async (request, reply) => {
    const entries = await services.dataExport.of(callerOf(request), clock.now())
    // Clients take everything after "filename=" as the name: it stays unquoted and last.
    reply.header('content-disposition', 'attachment; filename=all_data.zip')
    reply.type('application/zip')
    return reply.send(zipStream(entries) as never)
  })
}
