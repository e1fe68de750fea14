import { ROUTES, submitFitJobRequestSchema, submitFitJobResponseSchema } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { fitCommand } from '../../dialects/fit-command.ts'
import { callerOf } from '../../plugins/auth.ts'
import { countFit, logLateFailure } from './watch-fit.ts'

/** `POST /tabpfn/submit_fit_job`: start a fit and answer its id at once; `get_fit_status` tells how it ends. */
export function submitFitJobRoute(app: Api, { services, metrics }: AppDeps): void {
  const schema = {
    tags: ['fits'],
    summary: 'Start a fit',
    description: 'Answers the id at once; `get_fit_status` tells how the fit ends.',
    body: submitFitJobRequestSchema,
    response: {
      200: submitFitJobResponseSchema,
      ...errorResponses(
        'UNAUTHORIZED',
        'NOT_FOUND',
        'REQUEST_VALIDATION_ERROR',
        'INSUFFICIENT_QUOTA',
        'UPLOAD_INCOMPLETE',
        'UPLOAD_HASH_MISMATCH',
        'SERVER_BUSY',
      ),
    },
  }
  app.post(ROUTES.submitFitJob.path, { schema, config: { meter: 'fit' } }, async (request) => {
    const command = fitCommand(request.body)
    const handle = await services.fits.start(callerOf(request).id, command)
    countFit(handle, command.task, metrics)
    logLateFailure(request, handle)
    return { fitted_train_set_id: handle.id }
  })
}
