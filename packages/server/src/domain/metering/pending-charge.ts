/**
 * A charge whose price becomes known only while its work runs, when the table has been read: how many rows a file has
 * cannot be told from its size. The amount is held at that moment, while the computation starts; when the pools do not
 * have it, the computation is broken off and its result never leaves.
 */
import type { Charge } from './metering.ts'

export class PendingCharge {
  readonly #hold: (tokens: number) => Promise<Charge>
  readonly #refused = new AbortController()
  #held: Promise<Charge> | undefined

  /** @param hold holds the price, or throws the refusal */
  constructor(hold: (tokens: number) => Promise<Charge>) {
    this.#hold = hold
  }

  /** Aborted when the pools do not have the price: the work is in vain. */
  get refused(): AbortSignal {
    return this.#refused.signal
  }

  /** The price is known. The first call counts: work that is done again after a crash costs nothing more. */
  price(tokens: number): void {
    if (this.#held) return
    this.#held = this.#hold(tokens)
    this.#held.catch(() => this.#refused.abort())
  }

  /**
   * The work is done: keep the charge.
   *
   * @returns the tokens charged
   * @throws the refusal
   */
  async settle(): Promise<number> {
    if (!this.#held) throw new Error('the work ended without a price')
    const charge = await this.#held
    await charge.settle()
    return charge.tokens
  }

  /**
   * The work failed: give back what is held.
   *
   * @returns the reason to tell the caller: the refusal if that broke the work off, else `error`
   */
  async fail(error: unknown): Promise<unknown> {
    let charge: Charge | undefined
    try {
      charge = await this.#held
    } catch (refusal) {
      return refusal
    }
    await charge?.release()
    return error
  }
}
