import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/**
 * A transaction that does not wait for the disk, which every prediction would do more than once otherwise. A kill of the
 * process loses nothing of it; a power cut may lose what was counted in the last moments, and that alone: whatever is
 * committed later with a wait is behind it in the same log.
 */
export async function unsynced<T>(
  db: Kysely<Schema>,
  work: (tx: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (one) => {
    await sql`PRAGMA synchronous = NORMAL`.execute(one)
    try {
      return await one.transaction().execute(work)
    } finally {
      await sql`PRAGMA synchronous = FULL`.execute(one)
    }
  })
}
