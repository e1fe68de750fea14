import type { Kysely } from 'kysely'

/** Whose run it is, and how long accounts have trained, by day. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('studio_runs')
    .addColumn('account_id', 'text', (c) => c.references('accounts.id').onDelete('set null'))
    .execute()
  await db.schema.createIndex('studio_runs_by_account').on('studio_runs').column('account_id').execute()
  await db.schema
    .createTable('training_usage')
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('milliseconds', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('training_usage_key', ['account_id', 'day'])
    .execute()
}
