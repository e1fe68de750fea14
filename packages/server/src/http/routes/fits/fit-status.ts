import { fitStatusResponseSchema, ROUTES, requestIdSchema } from '@posterior/contracts'
import { z } from 'zod'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { fitStatus } from '../../present/fit-status.ts'

/** `GET /tabpfn/fit/{fitted_train_set_id}`: how a fit stands, as client 0.4.0 asks for it. */
export function fitStatusRoute(app: Api, { services, clock }: AppDeps): void {
  const schema = {
    tags: ['fits'],
    summary: 'How a fit stands, by path',
    description: 'The same answer as `get_fit_status`, for older clients.',
    params: z.object({ fittedTrainSetId: requestIdSchema.describe('The id that the fit answered') }),
    response: {
      200: fitStatusResponseSchema,
      ...errorResponses('UNAUTHORIZED', 'NOT_FOUND', 'REQUEST_VALIDATION_ERROR'),
    },
  }
  app.get(ROUTES.fitStatus.path, { schema }, async (request) => {
    const fit = await services.fits.get(callerOf(request).id, request.params.fittedTrainSetId)
    return fitStatus(fit, clock.now())
  })
}
