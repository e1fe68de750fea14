import type { RunStatus } from '@posterior/contracts'
import type { ExpressionBuilder, Kysely, Selectable } from 'kysely'
import type { LiveShare, Share, ShareStore } from '../../domain/ports/shares.ts'
import { notFoundWithoutParent } from './constraint-errors.ts'
import type { Schema, StudioSharesTable } from './schema.ts'
import { unsynced } from './unsynced.ts'

type Shares = ExpressionBuilder<Schema, 'studio_shares'>

export class SqliteShareStore implements ShareStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insert(share: Share, hash: string, most: number): Promise<'stored' | 'too many'> {
    return this.#db.transaction().execute(async (tx) => {
      const own = await tx
        .selectFrom('studio_shares')
        .select((e) => ['id', isLive(e, share.createdAt).as('is_live')])
        .where('run_id', '=', share.runId)
        .orderBy('created_at')
        .execute()
      const over = own.length - most + 1
      const dead = own.filter((row) => Number(row.is_live) === 0).slice(0, Math.max(0, over))
      if (dead.length < over) return 'too many'
      if (dead.length > 0) {
        const ids = dead.map(({ id }) => id)
        await tx.deleteFrom('studio_shares').where('id', 'in', ids).execute()
      }
      await tx
        .insertInto('studio_shares')
        .values({ ...rowOf(share), hash })
        .execute()
        .catch(notFoundWithoutParent(`Run ${share.runId}`))
      return 'stored'
    })
  }

  async list(runId: string): Promise<Share[]> {
    const rows = await this.#db
      .selectFrom('studio_shares')
      .selectAll()
      .where('run_id', '=', runId)
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    return rows.map(toShare)
  }

  async revoke(runId: string, id: string, at: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('studio_shares')
      .set((e) => ({ revoked_at: e.fn.coalesce('revoked_at', e.val(at)) }))
      .where('id', '=', id)
      .where('run_id', '=', runId)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async findLive(hash: string, now: number): Promise<LiveShare | undefined> {
    const row = await this.#db
      .selectFrom('studio_shares')
      .innerJoin('studio_runs', 'studio_runs.id', 'studio_shares.run_id')
      .innerJoin('studio_members', (join) =>
        join
          .onRef('studio_members.project_id', '=', 'studio_runs.project_id')
          .onRef('studio_members.account_id', '=', 'studio_shares.created_by'),
      )
      .selectAll('studio_shares')
      .select(['studio_runs.status', 'studio_runs.results'])
      .where('hash', '=', hash)
      .where((e) => isLive(e as unknown as Shares, now))
      .where('studio_members.role', 'in', ['editor', 'owner'])
      .where('studio_runs.status', '=', 'completed')
      .executeTakeFirst()
    if (!row) return undefined
    const results = row.results === null ? null : JSON.parse(row.results)
    return { share: toShare(row), run: { id: row.run_id, status: row.status as RunStatus, results } }
  }

  async takeCall(id: string, now: number): Promise<boolean> {
    const { numUpdatedRows } = await unsynced(this.#db, (tx) =>
      tx
        .updateTable('studio_shares')
        .set((e) => ({ calls: e('calls', '+', 1), last_used_at: now }))
        .where('id', '=', id)
        .where((e) => isLive(e, now))
        .executeTakeFirst(),
    )
    return numUpdatedRows > 0n
  }

  async giveCallBack(id: string): Promise<void> {
    await unsynced(this.#db, (tx) =>
      tx
        .updateTable('studio_shares')
        .set((e) => ({ calls: e('calls', '-', 1) }))
        .where('id', '=', id)
        .where('calls', '>', 0)
        .execute(),
    )
  }
}

/** Not revoked, not over, with calls left. */
function isLive(e: Shares, now: number) {
  return e.and([
    e('revoked_at', 'is', null),
    e.or([e('studio_shares.expires_at', 'is', null), e('studio_shares.expires_at', '>', now)]),
    e.or([e('max_calls', 'is', null), e('calls', '<', e.ref('max_calls'))]),
  ])
}

function rowOf(share: Share): Omit<StudioSharesTable, 'hash'> {
  return {
    id: share.id,
    run_id: share.runId,
    created_by: share.createdBy,
    prefix: share.prefix,
    label: share.label,
    created_at: share.createdAt,
    expires_at: share.expiresAt,
    max_calls: share.maxCalls,
    calls: share.calls,
    last_used_at: share.lastUsedAt,
    revoked_at: share.revokedAt,
  }
}

function toShare(row: Selectable<StudioSharesTable>): Share {
  return {
    id: row.id,
    runId: row.run_id,
    label: row.label,
    prefix: row.prefix,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    maxCalls: row.max_calls,
    calls: row.calls,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  }
}
