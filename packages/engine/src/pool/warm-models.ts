/** The models that a process was asked with, so that the next question goes to the process that has them loaded. */

/** About as many as stay loaded; see `graph-sessions.ts`. */
const MOST = 16

export class WarmModels {
  /** In order of last use. */
  readonly #keys = new Set<string>()
  #list: readonly string[] = []
  #others: readonly string[] = []
  #isStale = false

  /** A model is about to be used. */
  note(key: string): void {
    this.#isStale ||= !this.#keys.has(key)
    this.#keys.delete(key)
    this.#keys.add(key)
    const [oldest] = this.#keys
    if (this.#keys.size > MOST) this.#keys.delete(oldest!)
  }

  /** These and `others`, which are replaced when they change; the same array while nothing changes. */
  and(others: readonly string[]): readonly string[] {
    if (this.#isStale || others !== this.#others) this.#list = [...this.#keys, ...others]
    this.#isStale = false
    this.#others = others
    return this.#list
  }
}
