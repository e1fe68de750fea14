import { deleteDatasetQuerySchema, deletedDatasetsSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'

/** `DELETE /delete_dataset/?dataset_uid=`: a training set with all that came of it, or a test set. */
export function deleteDatasetRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['data'],
    summary: 'Delete a data set',
    description:
      'Deletes a training set with its fitted models and their test sets, or a test set alone. Fits that run are broken off.',
    querystring: deleteDatasetQuerySchema,
    response: {
      200: deletedDatasetsSchema,
      ...errorResponses('UNAUTHORIZED', 'EMAIL_NOT_VERIFIED', 'NOT_FOUND', 'REQUEST_VALIDATION_ERROR'),
    },
  }
  app.delete(ROUTES.deleteDataset.path, { schema }, async (request) => {
    const removed = await services.dataRemoval.removeDataset(callerOf(request).id, request.query.dataset_uid)
    return { deleted_dataset_uids: removed }
  })
}
