import type { ExpressionBuilder, Kysely, Selectable, Transaction } from 'kysely'
import { AppError } from '../../domain/app-error.ts'
import type { FileRole } from '../../domain/ports/blobs.ts'
import type {
  FileChange,
  FileIdentity,
  Upload,
  UploadFile,
  UploadKind,
  UploadPart,
  UploadStore,
  UploadSummary,
} from '../../domain/ports/stores.ts'
import { notFoundWithoutParent } from './constraint-errors.ts'
import type { Schema, UploadsTable } from './schema.ts'
import { fileRow, partRow, toFile, toPart, toUpload, uploadRow } from './upload-rows.ts'

/** Duplicates to look at; the newest one whose bytes are still there is answered. */
const MAX_DUPLICATES = 5

export class SqliteUploadStore implements UploadStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insert(upload: Upload): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      const account = notFoundWithoutParent(`Account ${upload.accountId}`)
      await tx.insertInto('uploads').values(uploadRow(upload)).execute().catch(account)
      const files = upload.files.map((file) => fileRow(upload.id, file))
      await tx.insertInto('upload_files').values(files).execute()
    })
  }

  async find(accountId: string, id: string, kind: UploadKind): Promise<Upload | undefined> {
    const row = await this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('id', '=', id)
      .where('account_id', '=', accountId)
      .where('kind', '=', kind)
      .executeTakeFirst()
    return row && this.#withFiles(row)
  }

  async list(accountId: string): Promise<Upload[]> {
    const uploads = await this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('created_at')
      .execute()
    const files = await this.#db
      .selectFrom('upload_files')
      .innerJoin('uploads', 'uploads.id', 'upload_files.upload_id')
      .selectAll('upload_files')
      .where('account_id', '=', accountId)
      .orderBy('role')
      .execute()
    const byUpload = Map.groupBy(files, (file) => file.upload_id)
    return uploads.map((row) => toUpload(row, byUpload.get(row.id) ?? []))
  }

  async summary(accountId: string): Promise<UploadSummary> {
    const kinds = await this.#db
      .selectFrom('uploads')
      .select((e) => ['kind', e.fn.countAll<number>().as('count')])
      .where('account_id', '=', accountId)
      .groupBy('kind')
      .execute()
    const { bytes } = await this.#db
      .selectFrom('upload_files')
      .innerJoin('uploads', 'uploads.id', 'upload_files.upload_id')
      .select((e) => e.fn.sum<number | null>('size_bytes').as('bytes'))
      .where('account_id', '=', accountId)
      .where('state', '!=', 'open')
      .executeTakeFirstOrThrow()
    const count = (kind: UploadKind) => Number(kinds.find((row) => row.kind === kind)?.count ?? 0)
    return { trainSets: count('train'), testSets: count('test'), bytes: Number(bytes ?? 0) }
  }

  async findForUrl(id: string): Promise<Upload | undefined> {
    const row = await this.#db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst()
    return row && this.#withFiles(row)
  }

  async parts(id: string, role: FileRole): Promise<UploadPart[]> {
    return readParts(this.#db, id, role)
  }

  async changeFile<T extends FileChange>(
    id: string,
    role: FileRole,
    decide: (file: UploadFile, parts: UploadPart[]) => T,
  ): Promise<T> {
    return this.#db.transaction().execute(async (tx) => {
      const row = await tx
        .selectFrom('upload_files')
        .selectAll()
        .where('upload_id', '=', id)
        .where('role', '=', role)
        .executeTakeFirst()
      if (!row) throw new AppError('NOT_FOUND', { params: { what: `Upload ${id}` } })
      const change = decide(toFile(row), await readParts(tx, id, role))
      await applyChange(tx, { id, role, change })
      return change
    })
  }

  async findDuplicateTrain(accountId: string, x: FileIdentity, y: FileIdentity): Promise<Upload[]> {
    const rows = await this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('kind', '=', 'train')
      .where((eb) => eb.and([hasVerifiedFile(eb, 'x', x), hasVerifiedFile(eb, 'y', y)]))
      .orderBy('created_at', 'desc')
      .limit(MAX_DUPLICATES)
      .execute()
    return Promise.all(rows.map((row) => this.#withFiles(row)))
  }

  async findDuplicateTest(accountId: string, fittedTrainSetId: string, x: FileIdentity): Promise<Upload[]> {
    const rows = await this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('kind', '=', 'test')
      .where('fitted_train_set_id', '=', fittedTrainSetId)
      .where((eb) => hasVerifiedFile(eb, 'x', x))
      .orderBy('created_at', 'desc')
      .limit(MAX_DUPLICATES)
      .execute()
    return Promise.all(rows.map((row) => this.#withFiles(row)))
  }

  async findAbandoned(now: number): Promise<Upload[]> {
    const rows = await this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('expires_at', '<', now)
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('upload_files as f')
            .select('f.upload_id')
            .whereRef('f.upload_id', '=', 'uploads.id')
            .where('f.state', '=', 'open'),
        ),
      )
      .execute()
    return Promise.all(rows.map((row) => this.#withFiles(row)))
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom('uploads').where('id', '=', id).execute()
  }

  async blobKeys(): Promise<string[]> {
    const whole = await this.#db
      .selectFrom('upload_files')
      .select('blob_key')
      .where('blob_key', 'is not', null)
      .execute()
    const parts = await this.#db.selectFrom('upload_parts').select('blob_key').execute()
    return [...whole, ...parts].flatMap((row) => row.blob_key ?? [])
  }

  async #withFiles(row: Selectable<UploadsTable>): Promise<Upload> {
    const files = await this.#db
      .selectFrom('upload_files')
      .selectAll()
      .where('upload_id', '=', row.id)
      .orderBy('role')
      .execute()
    return toUpload(row, files)
  }
}

async function readParts(db: Kysely<Schema>, id: string, role: FileRole): Promise<UploadPart[]> {
  const rows = await db
    .selectFrom('upload_parts')
    .selectAll()
    .where('upload_id', '=', id)
    .where('role', '=', role)
    .orderBy('part_index')
    .execute()
  return rows.map(toPart)
}

async function applyChange(
  tx: Transaction<Schema>,
  { id, role, change }: { id: string; role: FileRole; change: FileChange },
): Promise<void> {
  const { part, progress } = change
  if (part) {
    const row = partRow(id, role, part)
    await tx
      .insertInto('upload_parts')
      .values(row)
      .onConflict((conflict) => conflict.columns(['upload_id', 'role', 'part_index']).doUpdateSet(row))
      .execute()
  }
  if (progress) {
    await tx
      .updateTable('upload_files')
      .set({
        state: progress.state,
        size_bytes: progress.sizeBytes,
        hash: progress.hash,
        blob_key: progress.blobKey,
      })
      .where('upload_id', '=', id)
      .where('role', '=', role)
      .execute()
  }
}

/** The upload has this file, complete, with the declared hash equal to the one of the bytes that arrived. */
function hasVerifiedFile(eb: ExpressionBuilder<Schema, 'uploads'>, role: FileRole, identity: FileIdentity) {
  return eb.exists(
    eb
      .selectFrom('upload_files as f')
      .select('f.upload_id')
      .whereRef('f.upload_id', '=', 'uploads.id')
      .where('f.role', '=', role)
      .where('f.state', '<>', 'open')
      .where('f.hash', '=', identity.hash)
      .where('f.declared_hash', '=', identity.hash)
      .where('f.size_bytes', '=', identity.sizeBytes)
      .where('f.format', '=', identity.format),
  )
}
