import type { Kysely } from 'kysely'

/** When a run came into the queue; null for drafts, and for runs from before it was kept, whose place is that of their order. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('studio_runs').addColumn('queued_at', 'bigint').execute()
}
