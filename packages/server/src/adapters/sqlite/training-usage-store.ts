import type { Kysely } from 'kysely'
import type { TrainingUsageStore } from '../../domain/ports/runs.ts'
import type { Schema } from './schema.ts'

export class SqliteTrainingUsageStore implements TrainingUsageStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async trained(accountId: string, day: string): Promise<number> {
    const row = await this.#db
      .selectFrom('training_usage')
      .select('milliseconds')
      .where('account_id', '=', accountId)
      .where('day', '=', day)
      .executeTakeFirst()
    return row?.milliseconds ?? 0
  }

  async add(accountId: string, day: string, milliseconds: number): Promise<void> {
    // An account that was deleted while its run trained has nothing to count any more.
    await this.#db
      .insertInto('training_usage')
      .columns(['account_id', 'day', 'milliseconds'])
      .expression((e) =>
        e
          .selectFrom('accounts')
          .select((s) => ['id', s.val(day).as('day'), s.val(Math.round(milliseconds)).as('milliseconds')])
          .where('id', '=', accountId),
      )
      .onConflict((c) =>
        c.columns(['account_id', 'day']).doUpdateSet((e) => ({
          milliseconds: e('training_usage.milliseconds', '+', e.ref('excluded.milliseconds')),
        })),
      )
      .execute()
  }

  async removeOld(before: string): Promise<void> {
    await this.#db.deleteFrom('training_usage').where('day', '<', before).execute()
  }
}
