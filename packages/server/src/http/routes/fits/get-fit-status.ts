import { fitStatusResponseSchema, getFitStatusRequestSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { fitStatus } from '../../present/fit-status.ts'

/** `POST /tabpfn/get_fit_status`: how a fit stands; a failed fit is a 200 that says why. */
export function getFitStatusRoute(app: Api, { services, clock }: AppDeps): void {
  const schema = {
    tags: ['fits'],
    summary: 'How a fit stands',
    description: 'A fit that failed is a 200 that says why. `retry_in_secs` tells when to ask again.',
    body: getFitStatusRequestSchema,
    response: {
      200: fitStatusResponseSchema,
      ...errorResponses('UNAUTHORIZED', 'NOT_FOUND', 'REQUEST_VALIDATION_ERROR'),
    },
  }
  app.post(ROUTES.getFitStatus.path, { schema }, async (request) => {
    const fit = await services.fits.get(callerOf(request).id, request.body.fitted_train_set_id)
    return fitStatus(fit, clock.now())
  })
}
