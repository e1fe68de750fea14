import type { FitStatus, Label, Task } from '@posterior/contracts'
import type { Kysely, Selectable } from 'kysely'
import type { Fit, FitStore } from '../../domain/ports/stores.ts'
import { notFoundWithoutParent } from './constraint-errors.ts'
import type { FitsTable, Schema } from './schema.ts'

export class SqliteFitStore implements FitStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insert(fit: Fit): Promise<void> {
    await this.#db
      .insertInto('fits')
      .values(toRow(fit))
      .execute()
      .catch(notFoundWithoutParent(`Training set upload ${fit.trainSetUploadId}`))
  }

  async find(accountId: string, id: string): Promise<Fit | undefined> {
    const row = await this.#db
      .selectFrom('fits')
      .selectAll()
      .where('id', '=', id)
      .where('account_id', '=', accountId)
      .executeTakeFirst()
    return row && toFit(row)
  }

  async findCompleted(accountId: string, fingerprint: string): Promise<Fit | undefined> {
    const row = await this.#db
      .selectFrom('fits')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('fingerprint', '=', fingerprint)
      .where('status', '=', 'completed')
      .orderBy('completed_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && toFit(row)
  }

  async list(accountId: string): Promise<Fit[]> {
    const rows = await this.#db
      .selectFrom('fits')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('created_at')
      .execute()
    return rows.map(toFit)
  }

  async complete(
    id: string,
    result: { trainRows: number; columns: number; classes: Label[] | null; completedAt: number },
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('fits')
      .set({
        status: 'completed',
        train_rows: result.trainRows,
        columns: result.columns,
        classes: result.classes && JSON.stringify(result.classes),
        completed_at: result.completedAt,
      })
      .where('id', '=', id)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async fail(id: string, error: { code: string; message: string; completedAt: number }): Promise<void> {
    await this.#db
      .updateTable('fits')
      .set({
        status: 'failed',
        error_code: error.code,
        error_message: error.message,
        completed_at: error.completedAt,
      })
      .where('id', '=', id)
      .execute()
  }

  async countCompleted(accountId: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('fits')
      .select((e) => e.fn.countAll<number>().as('count'))
      .where('account_id', '=', accountId)
      .where('status', '=', 'completed')
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  async findPending(): Promise<string[]> {
    return this.#ids('pending')
  }

  async completedIds(): Promise<string[]> {
    return this.#ids('completed')
  }

  async #ids(status: FitStatus): Promise<string[]> {
    const rows = await this.#db.selectFrom('fits').select('id').where('status', '=', status).execute()
    return rows.map((row) => row.id)
  }
}

function toRow(fit: Fit): FitsTable {
  return {
    id: fit.id,
    account_id: fit.accountId,
    train_set_upload_id: fit.trainSetUploadId,
    task: fit.task,
    config: JSON.stringify(fit.config),
    fingerprint: fit.fingerprint,
    thinking: fit.thinking && JSON.stringify(fit.thinking),
    model: fit.model,
    status: fit.status,
    train_rows: fit.trainRows,
    columns: fit.columns,
    classes: fit.classes && JSON.stringify(fit.classes),
    error_code: fit.errorCode,
    error_message: fit.errorMessage,
    created_at: fit.createdAt,
    completed_at: fit.completedAt,
  }
}

function toFit(row: Selectable<FitsTable>): Fit {
  return {
    id: row.id,
    accountId: row.account_id,
    trainSetUploadId: row.train_set_upload_id,
    task: row.task as Task,
    config: JSON.parse(row.config) as Fit['config'],
    fingerprint: row.fingerprint,
    thinking: row.thinking === null ? null : (JSON.parse(row.thinking) as Fit['thinking']),
    model: row.model,
    status: row.status as FitStatus,
    trainRows: row.train_rows,
    columns: row.columns,
    classes: row.classes === null ? null : (JSON.parse(row.classes) as Label[]),
    errorCode: row.error_code,
    errorMessage: row.error_message,
    createdAt: row.created_at,
    completedAt: row.completed_at,
  }
}
