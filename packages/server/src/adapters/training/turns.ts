import { AppError } from '../../domain/app-error.ts'

/** Others that wait. */
const MAX_WAITING = 32

/** So many at a time; the others wait, in the order in which they came. */
export class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /** @throws AppError SERVER_BUSY when too many wait */
  async run<T>(action: () => Promise<T> | T): Promise<T> {
    if (this.#waiting.length >= MAX_WAITING)
      throw new AppError('SERVER_BUSY', { headers: { 'retry-after': '2' } })
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await action()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
