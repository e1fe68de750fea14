import type { Kysely } from 'kysely'

/** Initiatives and literature of projects. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('studio_notes')
    .addColumn('project_id', 'text', (c) => c.notNull().references('studio_projects.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('fields', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('studio_notes_key', ['project_id', 'kind', 'id'])
    .execute()
}
