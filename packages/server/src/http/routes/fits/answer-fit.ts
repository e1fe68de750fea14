import type { FitResponse } from '@posterior/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FitCommand } from '../../../domain/fits/fits.ts'
import type { Fit } from '../../../domain/ports/stores.ts'
import type { AppDeps } from '../../deps.ts'
import { withKeepalive } from '../../keepalive.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeError } from '../../plugins/describe-error.ts'
import { envelopeFor, noteError } from '../../plugins/errors.ts'
import { countFit, logLateFailure } from './watch-fit.ts'

/**
 * Start a fit and answer when it is done, a long one with whitespace in front; or at once.
 *
 * @throws AppError when the fit cannot start, or fails before the answer has begun
 */
export async function answerFit(
  request: FastifyRequest,
  reply: FastifyReply,
  { command, isAsync, deps }: { command: FitCommand; isAsync: boolean; deps: AppDeps },
): Promise<FitResponse> {
  const { services, metrics, keepaliveMs } = deps
  const account = callerOf(request).id
  const handle = await services.fits.start(account, command)
  countFit(handle, command.task, metrics)
  if (isAsync) {
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
  return reply.send(answer.body as never) as never
}

function present(fit: Fit): FitResponse {
  return { fitted_train_set_id: fit.id, status: fit.status }
}
