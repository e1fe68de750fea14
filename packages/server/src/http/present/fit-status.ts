import type { FitStatusResponse } from '@posterior/contracts'
import type { Fit } from '../../domain/ports/stores.ts'

/** Seconds between two questions about a fit: a tenth of the time that it has been running, within these bounds. */
const SHORTEST_WAIT_SECONDS = 0.5
const LONGEST_WAIT_SECONDS = 5

/** @param now milliseconds since 1970 UTC */
export function fitStatus(fit: Fit, now: number): FitStatusResponse {
  const tenth = (now - fit.createdAt) / 10_000
  const wait = Math.min(LONGEST_WAIT_SECONDS, Math.max(SHORTEST_WAIT_SECONDS, tenth))
  return {
    fitted_train_set_id: fit.id,
    status: fit.status,
    retry_in_secs: fit.status === 'pending' ? wait : null,
    error: fit.errorMessage,
    error_code: fit.errorCode,
  }
}
