import type { Kysely, Selectable } from 'kysely'
import type { Account } from '../../domain/ports/account-store.ts'
import type { Runner, RunnerStore } from '../../domain/ports/runners.ts'
import { toAccount } from './account-rows.ts'
import { notFoundWithoutParent } from './constraint-errors.ts'
import type { Schema, StudioRunnersTable } from './schema.ts'

/** Roles whose runners may train for a project: what comes back changes it. */
export const TRAINING_ROLES = ['editor', 'owner'] as const

export class SqliteRunnerStore implements RunnerStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insert(runner: Runner, limit: number): Promise<'stored' | 'name taken' | 'too many'> {
    return this.#db.transaction().execute(async (tx) => {
      const own = await tx
        .selectFrom('studio_runners')
        .select('name')
        .where('account_id', '=', runner.accountId)
        .execute()
      if (own.some(({ name }) => name === runner.name)) return 'name taken'
      if (own.length >= limit) return 'too many'
      await tx
        .insertInto('studio_runners')
        .values(rowOf(runner))
        .execute()
        .catch(notFoundWithoutParent('Account'))
      return 'stored'
    })
  }

  async list(accountId: string): Promise<Runner[]> {
    const rows = await this.#db
      .selectFrom('studio_runners')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    return rows.map(toRunner)
  }

  async findByHash(hash: string): Promise<{ runner: Runner; account: Account } | undefined> {
    const row = await this.#db
      .selectFrom('studio_runners')
      .selectAll()
      .where('hash', '=', hash)
      .executeTakeFirst()
    if (!row) return undefined
    const account = await this.#db
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', row.account_id)
      .executeTakeFirst()
    return account && { runner: toRunner(row), account: toAccount(account) }
  }

  async listForProject(projectId: string): Promise<Runner[]> {
    const rows = await this.#db
      .selectFrom('studio_runners')
      .innerJoin('studio_members', 'studio_members.account_id', 'studio_runners.account_id')
      .selectAll('studio_runners')
      .where('studio_members.project_id', '=', projectId)
      .where('studio_members.role', 'in', TRAINING_ROLES)
      .orderBy('studio_runners.created_at')
      .orderBy('studio_runners.id')
      .execute()
    return rows.map(toRunner)
  }

  async remove(accountId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('studio_runners')
      .where('id', '=', id)
      .where('account_id', '=', accountId)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  async noteSeen(id: string, at: number): Promise<void> {
    await this.#db.updateTable('studio_runners').set({ last_seen_at: at }).where('id', '=', id).execute()
  }

  async setCapabilities(id: string, capabilities: NonNullable<Runner['capabilities']>): Promise<void> {
    await this.#db
      .updateTable('studio_runners')
      .set({ capabilities: JSON.stringify(capabilities) })
      .where('id', '=', id)
      .execute()
  }
}

function rowOf(runner: Runner): StudioRunnersTable {
  return {
    id: runner.id,
    account_id: runner.accountId,
    name: runner.name,
    hash: runner.hash,
    prefix: runner.prefix,
    created_at: runner.createdAt,
    last_seen_at: runner.lastSeenAt,
    capabilities: runner.capabilities && JSON.stringify(runner.capabilities),
  }
}

function toRunner(row: Selectable<StudioRunnersTable>): Runner {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    hash: row.hash,
    prefix: row.prefix,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    capabilities: row.capabilities === null ? null : JSON.parse(row.capabilities),
  }
}
