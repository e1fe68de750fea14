import type { DataSummary } from '@posterior/contracts'
import type { Stores, Upload } from '../ports/stores.ts'

/** What an account keeps on the server. */
export class DataSummaries {
  readonly #stores: Pick<Stores, 'uploads' | 'fits'>

  constructor(stores: Pick<Stores, 'uploads' | 'fits'>) {
    this.#stores = stores
  }

  async of(accountId: string): Promise<DataSummary> {
    const { trainSets, testSets, bytes } = await this.#stores.uploads.summary(accountId)
    const uploads = await this.#stores.uploads.list(accountId)
    const fittedModels = await this.#stores.fits.countCompleted(accountId)
    return {
      train_sets: trainSets,
      test_sets: testSets,
      uploaded_bytes: bytes,
      fitted_models: fittedModels,
      datasets: uploads.map(describeUpload),
    }
  }
}

function describeUpload({
  id,
  kind,
  description,
  createdAt,
  files,
}: Upload): DataSummary['datasets'][number] {
  const arrived = files.filter(({ state }) => state !== 'open')
  const size = arrived.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
  return { uid: id, kind, description, created_at: new Date(createdAt).toISOString(), size_bytes: size }
}
