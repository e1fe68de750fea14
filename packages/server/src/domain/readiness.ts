import { AppError } from './app-error.ts'

type State =
  | { kind: 'starting' }
  | { kind: 'ready' }
  | { kind: 'failed'; reason: string }
  | { kind: 'draining' }

/** Whether new work is welcome: not before the self-test passed, and not once the server is stopping. */
export class Readiness {
  #state: State = { kind: 'starting' }

  get isDraining(): boolean {
    return this.#state.kind === 'draining'
  }

  get isReady(): boolean {
    return this.#state.kind === 'ready'
  }

  /** @throws AppError NOT_READY or SHUTTING_DOWN */
  assertReady(): void {
    switch (this.#state.kind) {
      case 'ready':
        return
      case 'draining':
        throw new AppError('SHUTTING_DOWN')
      case 'failed':
        throw new AppError('NOT_READY', { params: { reason: this.#state.reason } })
      case 'starting':
        throw new AppError('NOT_READY', { params: { reason: 'it is starting.' } })
    }
  }

  markReady(): void {
    if (!this.isDraining) this.#state = { kind: 'ready' }
  }

  /** @param reason short sentence, fit to show to anyone */
  markFailed(reason: string): void {
    if (!this.isDraining) this.#state = { kind: 'failed', reason }
  }

  markDraining(): void {
    this.#state = { kind: 'draining' }
  }
}
