import type { Kysely } from 'kysely'

/** What accounts used: sums by day and month, and the recent charges that make them up. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('usage_periods')
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('period', 'text', (c) => c.notNull())
    .addColumn('tokens', 'bigint', (c) => c.notNull())
    .addColumn('thinking_fits', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('usage_periods_key', ['account_id', 'period'])
    .execute()
  await db.schema
    .createTable('usage_charges')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('request_key', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('operation', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('month', 'text', (c) => c.notNull())
    .addColumn('tokens', 'bigint', (c) => c.notNull())
    .addColumn('thinking_fits', 'bigint', (c) => c.notNull())
    .addColumn('holders', 'integer', (c) => c.notNull())
    .addColumn('is_settled', 'integer', (c) => c.notNull())
    .addColumn('is_open', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('usage_charges_by_request')
    .on('usage_charges')
    .columns(['account_id', 'request_key', 'created_at'])
    .execute()
  await db.schema
    .createIndex('usage_charges_by_subject')
    .on('usage_charges')
    .columns(['account_id', 'subject'])
    .execute()
  await db.schema.createIndex('usage_charges_by_age').on('usage_charges').column('created_at').execute()
}
