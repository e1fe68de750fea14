import type { Kysely } from 'kysely'

/** What the installation is, accounts, tokens, uploads with their files and parts, fits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('installation')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .execute()
  await db.schema
    .createTable('accounts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('is_admin', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('tokens')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('hash', 'text', (c) => c.notNull().unique())
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('uploads')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('fitted_train_set_id', 'text')
    .addColumn('description', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('uploads_by_account').on('uploads').columns(['account_id', 'kind']).execute()
  await db.schema.createIndex('uploads_by_expiry').on('uploads').column('expires_at').execute()
  await db.schema
    .createTable('upload_files')
    .addColumn('upload_id', 'text', (c) => c.notNull().references('uploads.id').onDelete('cascade'))
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('declared_hash', 'text')
    .addColumn('declared_size', 'bigint')
    .addColumn('part_count', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('size_bytes', 'bigint')
    .addColumn('hash', 'text')
    .addColumn('blob_key', 'text')
    .addPrimaryKeyConstraint('upload_files_key', ['upload_id', 'role'])
    .execute()
  await db.schema
    .createIndex('upload_files_by_hash')
    .on('upload_files')
    .columns(['hash', 'size_bytes'])
    .execute()
  await db.schema
    .createTable('upload_parts')
    .addColumn('upload_id', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('part_index', 'integer', (c) => c.notNull())
    .addColumn('size_bytes', 'bigint', (c) => c.notNull())
    .addColumn('crc32c', 'bigint', (c) => c.notNull())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('blob_key', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('upload_parts_key', ['upload_id', 'role', 'part_index'])
    .addForeignKeyConstraint(
      'upload_parts_file',
      ['upload_id', 'role'],
      'upload_files',
      ['upload_id', 'role'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createTable('fits')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('train_set_upload_id', 'text', (c) => c.notNull().references('uploads.id').onDelete('cascade'))
    .addColumn('task', 'text', (c) => c.notNull())
    .addColumn('config', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('train_rows', 'bigint')
    .addColumn('columns', 'integer')
    .addColumn('classes', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('completed_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('fits_by_fingerprint')
    .on('fits')
    .columns(['account_id', 'fingerprint', 'status'])
    .execute()
  await db.schema.createIndex('fits_by_upload').on('fits').column('train_set_upload_id').execute()
  await db.schema.createIndex('fits_by_status').on('fits').column('status').execute()
}
