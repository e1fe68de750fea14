import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import * as initial from './migrations/0001-initial.ts'
import * as accounts from './migrations/0002-accounts.ts'
import * as usage from './migrations/0003-usage.ts'
import * as thinking from './migrations/0004-thinking.ts'
import * as studio from './migrations/0005-studio.ts'
import * as runs from './migrations/0006-runs.ts'
import * as runners from './migrations/0007-runners.ts'
import * as shares from './migrations/0008-shares.ts'
import * as trainingUsage from './migrations/0009-training-usage.ts'
import * as notes from './migrations/0010-notes.ts'
import * as queuedAt from './migrations/0011-queued-at.ts'

/** Every migration in order; a released one is never changed. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-accounts': accounts,
  '0003-usage': usage,
  '0004-thinking': thinking,
  '0005-studio': studio,
  '0006-runs': runs,
  '0007-runners': runners,
  '0008-shares': shares,
  '0009-training-usage': trainingUsage,
  '0010-notes': notes,
  '0011-queued-at': queuedAt,
}

/** Bring the database to the newest schema. Names of the migrations that ran are answered. */
export async function migrate(db: Kysely<unknown>): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } })
  const { error, results } = await migrator.migrateToLatest()
  if (error) throw new Error('the database could not be brought to the current schema', { cause: error })
  return (results ?? []).map((result) => result.migrationName)
}
