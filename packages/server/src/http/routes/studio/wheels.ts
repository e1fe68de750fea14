import { priorIdSchema, ROUTES } from '@posterior/contracts'
import { z } from 'zod'
import { AppError } from '../../../domain/app-error.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'

/**
 * `POST /projects/{projectId}/priors/{priorId}/wheels`: refused with the reason, because no Python runs here. It is there so
 * that a program that pushes wheels says this to its user, and not that the prior is unknown.
 */
export function addWheelRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Refuse a Python package',
    description:
      'Always a 422: this server runs no Python, so that it has no use for wheels. The body is not read.',
    params: priorIdSchema,
    requestBody: {
      required: false,
      content: { 'multipart/form-data': { schema: z.object({ file: z.file() }) } },
    },
    response: errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'WHEELS_NOT_SUPPORTED'),
  }
  app.post(ROUTES.addWheel.path, { schema }, async (request) => {
    const { projectId, priorId } = request.params
    const account = callerOf(request).id
    await services.projects.require(account, projectId, 'editor')
    await services.artefacts.get(account, { project: projectId, kind: 'prior', handle: priorId })
    throw new AppError('WHEELS_NOT_SUPPORTED', { errors: [{ field: 'file', message: 'cannot be used' }] })
  })
}
