import type { Kysely } from 'kysely'

/** Share links of runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('studio_shares')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('run_id', 'text', (c) => c.notNull().references('studio_runs.id').onDelete('cascade'))
    .addColumn('created_by', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('hash', 'text', (c) => c.notNull().unique())
    .addColumn('prefix', 'text', (c) => c.notNull())
    .addColumn('label', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('max_calls', 'bigint')
    .addColumn('calls', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute()
  await db.schema.createIndex('studio_shares_by_run').on('studio_shares').column('run_id').execute()
  await db.schema.createIndex('studio_shares_by_account').on('studio_shares').column('created_by').execute()
}
