import type { Kysely } from 'kysely'

/** Projects, their members, priors, models and evals with versions; the first characters of tokens. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tokens').addColumn('prefix', 'text').execute()
  await db.schema
    .createTable('studio_projects')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.references('accounts.id').onDelete('set null'))
    .addColumn('slug', 'text', (c) => c.notNull())
    .addColumn('slug_key', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('roadmap', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('studio_projects_by_slug')
    .unique()
    .on('studio_projects')
    .columns(['account_id', 'slug_key'])
    .execute()
  await db.schema
    .createTable('studio_members')
    .addColumn('project_id', 'text', (c) => c.notNull().references('studio_projects.id').onDelete('cascade'))
    .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('added_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('studio_members_key', ['project_id', 'account_id'])
    .execute()
  await db.schema.createIndex('studio_members_by_account').on('studio_members').column('account_id').execute()
  await db.schema
    .createTable('studio_artefacts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull().references('studio_projects.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('slug', 'text', (c) => c.notNull())
    .addColumn('slug_key', 'text', (c) => c.notNull())
    .addColumn('forked_from', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('studio_artefacts_by_slug')
    .unique()
    .on('studio_artefacts')
    .columns(['project_id', 'kind', 'slug_key'])
    .execute()
  await db.schema
    .createTable('studio_versions')
    .addColumn('artefact_id', 'text', (c) =>
      c.notNull().references('studio_artefacts.id').onDelete('cascade'),
    )
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('spec', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('studio_versions_key', ['artefact_id', 'version'])
    .execute()
}
