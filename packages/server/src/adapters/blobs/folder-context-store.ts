import { join, resolve } from 'node:path'
import type { ContextStore } from '../../domain/ports/blobs.ts'
import { listFiles, listNames, makeFolder, removePath, syncPath } from './durable-fs.ts'

/** Fitted contexts as folders named by the id of their fit. */
export class FolderContextStore implements ContextStore {
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
  }

  /** The store in `root`, which is created when missing. */
  static async open(root: string): Promise<FolderContextStore> {
    const folder = join(resolve(root), 'contexts')
    await makeFolder(folder)
    return new FolderContextStore(folder)
  }

  async prepare(id: string): Promise<string> {
    const path = this.#path(id)
    await removePath(path)
    return path
  }

  async commit(id: string): Promise<void> {
    const path = this.#path(id)
    for (const file of await listFiles(path)) await syncPath(join(path, file))
    await syncPath(path)
    await syncPath(this.#root)
  }

  async open(id: string): Promise<string> {
    return this.#path(id)
  }

  async remove(id: string): Promise<void> {
    await removePath(this.#path(id))
  }

  async list(): Promise<string[]> {
    return listNames(this.#root)
  }

  #path(id: string): string {
    if (!/^[\w.-]+$/.test(id) || id === '.' || id === '..')
      throw new Error(`not the name of a context: ${id}`)
    return join(this.#root, id)
  }
}
