/** Contexts in memory, the least recently used given up when they exceed a number of bytes. */
import type { Context } from './context-state.ts'
import { loadContext, stampContext } from './context-store.ts'

interface Entry {
  readonly stamp: string
  readonly context: Context
  readonly bytes: number
}

/** However small they are: the list of them travels to the parent process whenever it changes. */
const MOST_CONTEXTS = 500

export class ContextCache {
  readonly #capacityBytes: number
  /** By folder, in order of last use. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #folders: readonly string[] | undefined

  /** @param capacityBytes  0 keeps nothing */
  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes
  }

  /** Folders whose contexts are in memory, in no particular order; the same array until it changes. */
  get folders(): readonly string[] {
    this.#folders ??= [...this.#entries.keys()]
    return this.#folders
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * The context of a folder, from memory when the files are still those that were read.
   *
   * @throws EngineError context_not_found, context_corrupt, context_unsupported
   */
  async get(folder: string): Promise<{ context: Context; isHit: boolean }> {
    let stamp: string
    try {
      stamp = await stampContext(folder)
    } catch (error) {
      this.#drop(folder)
      throw error
    }
    const entry = this.#entries.get(folder)
    if (entry?.stamp === stamp) {
      this.#entries.delete(folder)
      this.#entries.set(folder, entry)
      return { context: entry.context, isHit: true }
    }
    const { context, bytes } = await loadContext(folder)
    this.#keep(folder, { stamp, context, bytes })
    return { context, isHit: false }
  }

  /** Remember a context that was just saved to the folder. */
  async put(folder: string, context: Context, bytes: number): Promise<void> {
    this.#keep(folder, { stamp: await stampContext(folder), context, bytes })
  }

  #keep(folder: string, entry: Entry): void {
    this.#drop(folder)
    if (entry.bytes > this.#capacityBytes) return
    this.#entries.set(folder, entry)
    this.#bytes += entry.bytes
    this.#folders = undefined
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#capacityBytes && this.#entries.size <= MOST_CONTEXTS) break
      this.#drop(oldest)
    }
  }

  #drop(folder: string): void {
    const entry = this.#entries.get(folder)
    if (!entry) return
    this.#entries.delete(folder)
    this.#bytes -= entry.bytes
    this.#folders = undefined
  }
}
