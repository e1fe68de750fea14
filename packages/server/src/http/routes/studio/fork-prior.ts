import { forkRequestSchema, priorIdSchema, priorSchema, ROUTES } from '@posterior/contracts'
import type { z } from 'zod'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeArtefact } from '../../present/studio.ts'

/** `POST /projects/{projectId}/priors/{priorId}/fork`: a new prior that starts as a copy. */
export function forkPriorRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Fork a prior',
    description:
      'Copies a version of a prior to a new prior with a slug of its own, in its project or in another one where the caller ' +
      'is an editor. The code stays as it is.',
    params: priorIdSchema,
    body: forkRequestSchema,
    response: {
      201: priorSchema as z.ZodType,
      ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'ARTEFACT_SLUG_TAKEN', 'STUDIO_LIMIT_REACHED'),
    },
  }
  app.post(ROUTES.forkPrior.path, { schema }, async (request, reply) => {
    const { projectId: project, priorId: handle } = request.params
    const { slug, name = null, version = null, project: target = null } = request.body
    const order = { slug, name, version, project: target }
    const fork = await services.artefacts.forkPrior(callerOf(request).id, { project, handle }, order)
    return reply.code(201).send(describeArtefact(fork))
  })
}
