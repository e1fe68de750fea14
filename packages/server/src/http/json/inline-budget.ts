import { AppError } from '../../domain/app-error.ts'

const RETRY_AFTER_SECONDS = '2'

/** Bytes of tables in JSON that all requests together may hold in memory; a table takes several times its bytes. */
export class InlineBudget {
  readonly #limitBytes: number
  #takenBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** A share that grows with what arrives. The caller disposes of it when the table is out of memory. */
  open(): InlineShare {
    let ownBytes = 0
    return {
      take: (bytes) => {
        // A request alone is bounded by the limit of a body, so it is never refused for ever.
        if (this.#takenBytes > ownBytes && this.#takenBytes + bytes > this.#limitBytes) {
          throw new AppError('SERVER_BUSY', { headers: { 'retry-after': RETRY_AFTER_SECONDS } })
        }
        this.#takenBytes += bytes
        ownBytes += bytes
      },
      close: () => {
        this.#takenBytes -= ownBytes
        ownBytes = 0
      },
    }
  }
}

export interface InlineShare {
  /** @throws AppError SERVER_BUSY when all requests together would hold too much */
  take(bytes: number): void
  close(): void
}
