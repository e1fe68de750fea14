import {
  type FitResponse,
  fitRequestSchema,
  fitResponseSchema,
  ROUTES,
  streamedErrorSchema,
} from '@posterior/contracts'
import { z } from 'zod'
import type { Fit } from '../../../domain/ports/stores.ts'
import { type Api, errorResponses, FIT_ERRORS } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { fitCommand } from '../../dialects/fit-command.ts'
import { withKeepalive } from '../../keepalive.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeError } from '../../plugins/describe-error.ts'
import { envelopeFor, noteError } from '../../plugins/errors.ts'
import { countFit, logLateFailure } from './watch-fit.ts'

/** `POST /tabpfn/fit`: fit and answer when it is done, a long fit with whitespace in front; or at once with `async_mode`. */
export function fitRoute(app: Api, deps: AppDeps): void {
  const { services, metrics, keepaliveMs } = deps
  const schema = {
    tags: ['fits'],
    summary: 'Fit a training set',
    description:
      'Answers when the fit is done, or at once with `async_mode`. A fit that takes longer than two seconds answers 200 at ' +
      'once and sends whitespace until it ends; when it then fails, the body is an error with `_streamed_error: true`. ' +
      'The same fit of the same data is answered with the same id, unless `force_refit` is set. Flat fields (`task`, ' +
      '`tabpfn_config`, `thinking_effort`, ...) and nested ones (`task_config`, `thinking_config`) mean the same.',
    body: fitRequestSchema,
    response: {
      200: z.union([fitResponseSchema, streamedErrorSchema]),
      ...errorResponses(
        'UNAUTHORIZED',
        'NOT_FOUND',
        'REQUEST_VALIDATION_ERROR',
        'INSUFFICIENT_QUOTA',
        ...FIT_ERRORS,
      ),
    },
  }
  app.post(ROUTES.fit.path, { schema, config: { meter: 'fit' } }, async (request, reply) => {
    const command = fitCommand(request.body)
    const account = callerOf(request).id
    const handle = await services.fits.start(account, command)
    countFit(handle, command.task, metrics)
    if (request.body.async_mode) {
      logLateFailure(request, handle)
      return present(await services.fits.get(account, handle.id))
    }
    const answer = await withKeepalive(handle.done, {
      everyMs: keepaliveMs,
      render: present,
      renderFailure: (thrown) => {
        const error = describeError(thrown)
        noteError(request, error)
        return { ...envelopeFor(request, error, deps), _streamed_error: true, status_code: error.status }
      },
    })
    if (answer.kind === 'early') return present(answer.result)
    // Proxies must pass the whitespace on at once; nginx does when told so.
    reply.headers({ 'content-type': 'application/json; charset=utf-8', 'x-accel-buffering': 'no' })
    return reply.send(answer.body as never)
  })
}

function present(fit: Fit): FitResponse {
  return { fitted_train_set_id: fit.id, status: fit.status }
}
