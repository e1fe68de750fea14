import type { Kysely } from 'kysely'

/** How long and for what a fit was to think; JSON, null for a fit without thinking. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('fits').addColumn('thinking', 'text').execute()
}
