import { dataSummarySchema, ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'

/** `GET /get_data_summary/`: how much the account keeps on this server. */
export function dataSummaryRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['data'],
    summary: 'What the account keeps here',
    description: 'Numbers of uploads and fits, and the bytes of the files.',
    response: { 200: dataSummarySchema },
  }
  app.get(ROUTES.dataSummary.path, { schema }, async (request) =>
    services.dataSummaries.of(callerOf(request).id),
  )
}
