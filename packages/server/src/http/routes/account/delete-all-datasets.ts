import { deletedDatasetsSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'

/** `DELETE /delete_all_datasets/`: every data set and fitted model of the account; the account stays. */
export function deleteAllDatasetsRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['data'],
    summary: 'Delete all data sets',
    description: 'Deletes every data set and fitted model of the account. Fits that run are broken off.',
    response: { 200: deletedDatasetsSchema, ...errorResponses('UNAUTHORIZED', 'EMAIL_NOT_VERIFIED') },
  }
  app.delete(ROUTES.deleteAllDatasets.path, { schema }, async (request) => {
    return { deleted_dataset_uids: await services.dataRemoval.removeAllDatasets(callerOf(request).id) }
  })
}
