import type { DataSummary } from '@posterior/contracts'
import type { Stores } from '../ports/stores.ts'

/** What an account keeps on the server. */
export class DataSummaries {
  readonly #stores: Pick<Stores, 'uploads' | 'fits'>

  constructor(stores: Pick<Stores, 'uploads' | 'fits'>) {
    this.#stores = stores
  }

  async of(accountId: string): Promise<DataSummary> {
    const { trainSets, testSets, bytes } = await this.#stores.uploads.summary(accountId)
    const fittedModels = await this.#stores.fits.countCompleted(accountId)
    return {
      train_sets: trainSets,
      test_sets: testSets,
      uploaded_bytes: bytes,
      fitted_models: fittedModels,
    }
  }
}
