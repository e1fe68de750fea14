import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { migrate } from './migrate.ts'
import { nodeSqliteDialect } from './node-sqlite-dialect.ts'
import type { Schema } from './schema.ts'

/**
 * Open (and create) the database file at `path`, brought to the current schema. A commit that has returned is on disk:
 * write-ahead log with `synchronous=FULL`. Call `destroy()` to close it.
 */
export async function openDatabase(path: string): Promise<Kysely<Schema>> {
  const database = new DatabaseSync(path, { timeout: 5_000 })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;')
  const db = new Kysely<Schema>({ dialect: nodeSqliteDialect(database) })
  try {
    await migrate(db as unknown as Kysely<unknown>)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return db
}
