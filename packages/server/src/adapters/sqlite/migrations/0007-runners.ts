import type { Kysely } from 'kysely'

/** Machines of accounts that train for their projects; where a run trains, and which runner has it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('studio_runners')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull().unique())
    .addColumn('prefix', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_seen_at', 'bigint')
    .addColumn('capabilities', 'text')
    .execute()
  await db.schema
    .createIndex('studio_runners_by_name')
    .unique()
    .on('studio_runners')
    .columns(['account_id', 'name'])
    .execute()
  await db.schema
    .alterTable('studio_runs')
    .addColumn('target', 'text', (c) => c.notNull().defaultTo('server'))
    .execute()
  await db.schema.alterTable('studio_runs').addColumn('compute', 'text').execute()
  await db.schema.alterTable('studio_runs').addColumn('runner_id', 'text').execute()
  await db.schema
    .createTable('studio_claims')
    .addColumn('run_id', 'text', (c) => c.primaryKey().references('studio_runs.id').onDelete('cascade'))
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('runner_id', 'text', (c) => c.notNull())
    .addColumn('claimed_at', 'bigint', (c) => c.notNull())
    .addColumn('heard_at', 'bigint', (c) => c.notNull())
    .addColumn('events', 'integer', (c) => c.notNull())
    .addColumn('artifact', 'text')
    .execute()
}
