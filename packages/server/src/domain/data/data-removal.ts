/**
 * Deleting what an account has. The rows go first, in one transaction, so that nobody can use or begin anything with
 * them; then running fits and training runs are broken off, and the files go last. After a kill in between, the sweep at the next start
 * removes the files that no row refers to.
 */
import { AppError } from '../app-error.ts'
import type { Fits } from '../fits/fits.ts'
import type { BlobStore, ContextStore } from '../ports/blobs.ts'
import type { RemovalStore, RemovedData } from '../ports/stores.ts'

export interface DataRemovalDeps {
  removal: RemovalStore
  blobs: BlobStore
  contexts: ContextStore
  fits: Pick<Fits, 'discard'>
  /** Called when projects are gone, for what is not in the store. */
  onProjectsRemoved: () => Promise<void>
}

export class DataRemoval {
  readonly #deps: DataRemovalDeps

  constructor(deps: DataRemovalDeps) {
    this.#deps = deps
  }

  /**
   * Delete a training set with its fits and the test sets of those, or a test set alone.
   *
   * @returns ids of all data sets that went
   * @throws AppError NOT_FOUND
   */
  async removeDataset(accountId: string, uploadId: string): Promise<string[]> {
    const removed = await this.#deps.removal.removeDataset(accountId, uploadId)
    if (!removed) throw new AppError('NOT_FOUND', { params: { what: `Dataset ${uploadId}` } })
    return this.#removeFiles(removed)
  }

  /** Delete every data set and fit of the account. @returns ids of all data sets that went */
  async removeAllDatasets(accountId: string): Promise<string[]> {
    return this.#removeFiles(await this.#deps.removal.removeAllDatasets(accountId))
  }

  /**
   * Delete the account and everything that it has.
   *
   * @throws AppError NOT_FOUND; LAST_ADMIN when nobody could administer the server any more
   */
  async removeAccount(accountId: string): Promise<void> {
    const removed = await this.#deps.removal.removeAccount(accountId)
    if (removed === 'unknown') throw new AppError('NOT_FOUND', { params: { what: `User ${accountId}` } })
    if (removed === 'last admin') throw new AppError('LAST_ADMIN')
    await this.#removeFiles(removed)
    // Those of projects that nobody else owned.
    await this.#deps.onProjectsRemoved()
  }

  async #removeFiles({ uploadIds, fitIds, blobKeys }: RemovedData): Promise<string[]> {
    const { blobs, contexts, fits } = this.#deps
    await fits.discard(fitIds)
    for (const id of fitIds) await contexts.remove(id)
    await blobs.remove(blobKeys)
    return uploadIds
  }
}
