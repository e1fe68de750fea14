/** Deletion: rows depend on each other by cascading keys; what the files were is read in the same transaction. */
import type { Kysely, Transaction } from 'kysely'
import type { RemovalStore, RemovedData } from '../../domain/ports/stores.ts'
import type { Schema } from './schema.ts'

export class SqliteRemovalStore implements RemovalStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async removeDataset(accountId: string, uploadId: string): Promise<RemovedData | undefined> {
    return this.#db.transaction().execute(async (tx) => {
      const own = await tx
        .selectFrom('uploads')
        .select('id')
        .where('id', '=', uploadId)
        .where('account_id', '=', accountId)
        .executeTakeFirst()
      if (!own) return undefined
      const fits = await tx
        .selectFrom('fits')
        .select('id')
        .where('train_set_upload_id', '=', uploadId)
        .execute()
      const tests = await tx
        .selectFrom('uploads')
        .innerJoin('fits', 'fits.id', 'uploads.fitted_train_set_id')
        .select('uploads.id')
        .where('fits.train_set_upload_id', '=', uploadId)
        .execute()
      return removeUploads(
        tx,
        [uploadId, ...tests.map(({ id }) => id)],
        fits.map(({ id }) => id),
      )
    })
  }

  async removeAllDatasets(accountId: string): Promise<RemovedData> {
    return this.#db.transaction().execute((tx) => removeAll(tx, accountId))
  }

  async removeAccount(accountId: string): Promise<RemovedData | 'unknown' | 'last admin'> {
    return this.#db.transaction().execute(async (tx) => {
      const account = await tx
        .selectFrom('accounts')
        .select('is_admin')
        .where('id', '=', accountId)
        .executeTakeFirst()
      if (!account) return 'unknown'
      const admins = await tx.selectFrom('accounts').select('id').where('is_admin', '=', 1).execute()
      if (account.is_admin === 1 && admins.length === 1) return 'last admin'
      const removed = await removeAll(tx, accountId)
      await removeOwnProjects(tx, accountId)
      await tx.deleteFrom('accounts').where('id', '=', accountId).execute()
      return removed
    })
  }
}

/** Remove the projects that nobody else owns; the others lose a member. */
async function removeOwnProjects(tx: Transaction<Schema>, accountId: string): Promise<void> {
  await tx
    .deleteFrom('studio_projects')
    .where('id', 'in', (query) =>
      query
        .selectFrom('studio_members')
        .select('project_id')
        .where('account_id', '=', accountId)
        .where('role', '=', 'owner'),
    )
    .where('id', 'not in', (query) =>
      query
        .selectFrom('studio_members')
        .select('project_id')
        .where('account_id', '!=', accountId)
        .where('role', '=', 'owner'),
    )
    .execute()
}

async function removeAll(tx: Transaction<Schema>, accountId: string): Promise<RemovedData> {
  const uploads = await tx.selectFrom('uploads').select('id').where('account_id', '=', accountId).execute()
  const fits = await tx.selectFrom('fits').select('id').where('account_id', '=', accountId).execute()
  return removeUploads(
    tx,
    uploads.map(({ id }) => id),
    fits.map(({ id }) => id),
  )
}

/** Uploads named in one statement; SQLite takes a limited number of parameters. */
const BATCH = 500

/** Remove uploads; their files, parts and fits go with them. `fitIds` are those fits, to be reported. */
async function removeUploads(
  tx: Transaction<Schema>,
  uploadIds: string[],
  fitIds: string[],
): Promise<RemovedData> {
  const blobKeys: string[] = []
  for (let start = 0; start < uploadIds.length; start += BATCH) {
    const ids = uploadIds.slice(start, start + BATCH)
    const whole = await tx
      .selectFrom('upload_files')
      .select('blob_key')
      .where('upload_id', 'in', ids)
      .where('blob_key', 'is not', null)
      .execute()
    const parts = await tx
      .selectFrom('upload_parts')
      .select('blob_key')
      .where('upload_id', 'in', ids)
      .execute()
    for (const { blob_key: key } of [...whole, ...parts]) if (key !== null) blobKeys.push(key)
    await tx.deleteFrom('uploads').where('id', 'in', ids).execute()
  }
  return { uploadIds, fitIds, blobKeys: [...new Set(blobKeys)] }
}
