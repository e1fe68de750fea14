import { priorHandleSchema, priorSamplesSchema, ROUTES, samplePriorSchema } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import type { BodyByType } from '../../openapi/describe-routes.ts'
import { callerOf } from '../../plugins/auth.ts'
import { goneSignal } from '../../present/prediction-answer.ts'

/** Without one the defaults count, and null stands for none. */
const REQUEST_BODY: BodyByType = {
  required: false,
  content: { 'application/json': { schema: samplePriorSchema.nullable() } },
}

/** `POST /priors/{priorId}/sample`: draws of a prior. */
export function samplePriorRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Sample a prior',
    description:
      'Draws of a prior of the catalogue, by slug, or of a project, by id: every output that it declares, with the seed of each. ' +
      'A prior of a project without code stands for the one of the catalogue with its slug. All samples together may have a ' +
      'million cells.',
    params: priorHandleSchema,
    body: samplePriorSchema.nullish(),
    requestBody: REQUEST_BODY,
    response: {
      200: priorSamplesSchema,
      ...errorResponses(
        'NOT_FOUND',
        'MALFORMED_JSON',
        'PAYLOAD_TOO_LARGE',
        'UNSUPPORTED_MEDIA_TYPE',
        'REQUEST_VALIDATION_ERROR',
        'PRIOR_NOT_RUN',
        'SERVER_BUSY',
      ),
    },
  }
  app.post(ROUTES.samplePrior.path, { schema, config: { meter: 'predict' } }, async (request, reply) => {
    const { id } = callerOf(request)
    const order = request.body ?? {}
    const bytes = await services.priorSamples.sample(id, request.params.priorId, order, goneSignal(reply))
    reply.type('application/json; charset=utf-8')
    return reply.send(Buffer.from(bytes) as never)
  })
}
