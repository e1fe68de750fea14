import { checkPriorSchema, priorCheckSchema, priorIdSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import type { BodyByType } from '../../openapi/describe-routes.ts'
import { callerOf } from '../../plugins/auth.ts'

/** Without one the latest version is checked as it is. */
const REQUEST_BODY: BodyByType = {
  required: false,
  content: { 'application/json': { schema: checkPriorSchema.nullable() } },
}

/** `POST /projects/{projectId}/priors/{priorId}/check`: what a run would find wrong before it trains. */
export function checkPriorRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Check a prior',
    description:
      'The checks that a run makes of its prior before it trains, without a run: overrides and sizes of tasks, and for a module ' +
      'that its code runs in its sandbox, draws what it declares, and leaves something to learn. A prior of the project goes ' +
      'before one of the catalogue. A prior that cannot be trained on is answered with 200 and `ok: false`.',
    params: priorIdSchema,
    body: checkPriorSchema.nullish(),
    requestBody: REQUEST_BODY,
    response: {
      200: priorCheckSchema,
      ...errorResponses(
        'NOT_FOUND',
        'MALFORMED_JSON',
        'PAYLOAD_TOO_LARGE',
        'UNSUPPORTED_MEDIA_TYPE',
        'REQUEST_VALIDATION_ERROR',
        'SERVER_BUSY',
      ),
    },
  }
  app.post(ROUTES.checkPrior.path, { schema, config: { meter: 'predict' } }, async (request) => {
    const { projectId: project, priorId: prior } = request.params
    return services.priorChecks.check(callerOf(request).id, { project, prior }, request.body ?? {})
  })
}
