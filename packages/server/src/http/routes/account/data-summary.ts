import { dataSummarySchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'

/** `GET /get_data_summary/`: how much the account keeps on this server. */
export function dataSummaryRoute(app: Api, { services }: AppDeps): void {
  const schema = { response: { 200: dataSummarySchema, ...errorResponses('UNAUTHORIZED') } }
  app.get(ROUTES.dataSummary.path, { schema }, async (request) =>
    services.dataSummaries.of(callerOf(request).id),
  )
}
