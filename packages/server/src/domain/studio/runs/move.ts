/** A run that waits is to train elsewhere: on the server, on any runner, or on one by name. */
import type { RunMove } from '@posterior/contracts'
import { AppError } from '../../app-error.ts'
import type { NewRunEvent, Run, RunCompute } from '../../ports/runs.ts'
import { type ComputeDeps, resolveCompute } from '../runners/compute-target.ts'

/**
 * Where `run` trains after the move; what `to` leaves out stays as it was.
 *
 * @throws AppError REQUEST_VALIDATION_ERROR when nobody could take the run there
 */
export async function movedCompute(
  deps: ComputeDeps,
  { projectId, compute }: Pick<Run, 'projectId' | 'compute'>,
  to: RunMove,
): Promise<RunCompute> {
  const order = {
    target: to.target ?? compute.runner?.id ?? compute.target,
    provider: to.provider ?? compute.provider,
  }
  return { ...(await resolveCompute(deps, projectId, order)), maxSeconds: compute.maxSeconds }
}

/** What the log of the run says of it. */
export function movedEvent({ target, runner, provider }: RunCompute, ts: number): NewRunEvent {
  const where = runner ? `the runner "${runner.name}"` : target === 'server' ? 'the server' : 'a runner'
  return { ts, event: 'log', fields: { line: `the run was moved; it waits for ${where} (${provider})` } }
}

/** The error for a run that trains or is over. */
export function notWaiting({ status }: Pick<Run, 'status'>): AppError {
  return new AppError('RUN_NOT_WAITING', { params: { status } })
}
