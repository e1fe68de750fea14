import type { Kysely } from 'kysely'

/** E-mail addresses and passwords, kinds and expiry of tokens, links that are sent by mail. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('accounts').addColumn('email', 'text').execute()
  await db.schema.alterTable('accounts').addColumn('password_hash', 'text').execute()
  // Accounts from before were made by the operator, who knows whose they are.
  await db.schema
    .alterTable('accounts')
    .addColumn('is_verified', 'integer', (c) => c.notNull().defaultTo(1))
    .execute()
  await db.schema.createIndex('accounts_by_email').unique().on('accounts').column('email').execute()

  await db.schema
    .alterTable('tokens')
    .addColumn('kind', 'text', (c) => c.notNull().defaultTo('api'))
    .execute()
  await db.schema.alterTable('tokens').addColumn('expires_at', 'bigint').execute()
  await db.schema.alterTable('tokens').addColumn('last_used_at', 'bigint').execute()
  await db.schema.createIndex('tokens_by_account').on('tokens').columns(['account_id', 'kind']).execute()
  const tokens = db as Kysely<{ tokens: { kind: string; label: string } }>
  await tokens.updateTable('tokens').set({ kind: 'preset' }).where('label', '=', 'preset').execute()

  await db.schema
    .createTable('mail_links')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('mail_links_by_account')
    .unique()
    .on('mail_links')
    .columns(['account_id', 'purpose'])
    .execute()
}
