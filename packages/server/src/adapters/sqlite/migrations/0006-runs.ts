import type { Kysely } from 'kysely'

/** Training runs of projects, and what happened in them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('studio_runs')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull().references('studio_projects.id').onDelete('cascade'))
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('slug', 'text', (c) => c.notNull())
    .addColumn('slug_key', 'text', (c) => c.notNull())
    .addColumn('description', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('recipe', 'text', (c) => c.notNull())
    .addColumn('plan', 'text', (c) => c.notNull())
    .addColumn('results', 'text')
    .addColumn('error', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('finished_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('studio_runs_by_slug')
    .unique()
    .on('studio_runs')
    .columns(['project_id', 'slug_key'])
    .execute()
  await db.schema.createIndex('studio_runs_by_status').on('studio_runs').column('status').execute()
  await db.schema
    .createTable('studio_run_events')
    .addColumn('run_id', 'text', (c) => c.notNull().references('studio_runs.id').onDelete('cascade'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('ts', 'bigint', (c) => c.notNull())
    .addColumn('event', 'text', (c) => c.notNull())
    .addColumn('fields', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('studio_run_events_key', ['run_id', 'seq'])
    .execute()
}
