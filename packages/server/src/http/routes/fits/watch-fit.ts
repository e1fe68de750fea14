import type { Task } from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import type { FitHandle } from '../../../domain/fits/fits.ts'
import type { ServerMetrics } from '../../../metrics.ts'
import { describeError } from '../../plugins/describe-error.ts'

/** Count how a fit ends. */
export function countFit(handle: FitHandle, task: Task, metrics: ServerMetrics): void {
  const count = (outcome: string) => metrics.fits.inc({ task, outcome })
  handle.done.then(
    () => count('completed'),
    () => count('failed'),
  )
}

/** Log the failure of a fit whose request was answered before it ended; a bug with its stack. */
export function logLateFailure(request: FastifyRequest, handle: FitHandle): void {
  handle.done.catch((thrown: unknown) => {
    const { code, message, cause } = describeError(thrown)
    const fields = { fitId: handle.id, code, reason: message }
    if (code === 'GENERAL_ERROR') request.log.error({ ...fields, err: cause }, 'fit failed')
    else request.log.info(fields, 'fit failed')
  })
}
