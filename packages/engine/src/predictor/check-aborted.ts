import { EngineError } from '../errors.ts'

/** Stop here when the caller gave up. @throws EngineError aborted */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new EngineError('aborted', 'The request was cancelled.', { cause: signal.reason })
  }
}
