/** Which runner has which run. Every change looks at claim and run in one transaction, so that a claim that was lost changes nothing. */
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Artifact, Claim, ClaimStore, Runner } from '../../domain/ports/runners.ts'
import type { NewRunEvent, Run, RunChange } from '../../domain/ports/runs.ts'
import { append, changedColumns, QUEUE_PLACE, toRun } from './run-store.ts'
import { TRAINING_ROLES } from './runner-store.ts'
import type { Schema, StudioClaimsTable } from './schema.ts'

export class SqliteClaimStore implements ClaimStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async claimNext(
    runner: Pick<Runner, 'id' | 'accountId'>,
    { id, now, isTaken }: { id: string; now: number; isTaken: (run: Run) => boolean },
    event: NewRunEvent,
  ): Promise<{ run: Run; claim: Claim } | undefined> {
    return this.#db.transaction().execute(async (tx) => {
      const rows = await accessibleRuns(tx, runner.accountId)
        .where('studio_runs.status', '=', 'queued')
        .where('studio_runs.target', '=', 'runner')
        .where((where) =>
          where.or([
            where('studio_runs.runner_id', 'is', null),
            where('studio_runs.runner_id', '=', runner.id),
          ]),
        )
        .orderBy(QUEUE_PLACE)
        // Runs of one project may be ordered in the same millisecond.
        .orderBy('studio_runs.number')
        .orderBy('studio_runs.id')
        .execute()
      const row = rows.find((each) => isTaken(toRun(each)))
      if (!row) return undefined
      const claim = { id, run_id: row.id, runner_id: runner.id, claimed_at: now, heard_at: now }
      const started_at = row.started_at ?? now
      await tx.deleteFrom('studio_claims').where('run_id', '=', row.id).execute()
      await tx
        .insertInto('studio_claims')
        .values({ ...claim, events: 0, artifact: null })
        .execute()
      await tx
        .updateTable('studio_runs')
        .set({ status: 'running', started_at })
        .where('id', '=', row.id)
        .execute()
      await append(tx, row.id, [event])
      return {
        run: toRun({ ...row, status: 'running', started_at }),
        claim: toClaim({ ...claim, events: 0, artifact: null }),
      }
    })
  }

  async find(accountId: string, runId: string): Promise<{ run: Run; claim: Claim | undefined } | undefined> {
    const row = await accessibleRuns(this.#db, accountId)
      .where('studio_runs.id', '=', runId)
      .executeTakeFirst()
    if (!row) return undefined
    const claim = await this.#db
      .selectFrom('studio_claims')
      .selectAll()
      .where('run_id', '=', runId)
      .executeTakeFirst()
    return { run: toRun(row), claim: claim && toClaim(claim) }
  }

  async hear(claimId: string, now: number): Promise<void> {
    await this.#db.updateTable('studio_claims').set({ heard_at: now }).where('id', '=', claimId).execute()
  }

  async addEvents(
    claimId: string,
    { from, events }: { from: number | undefined; events: readonly (NewRunEvent | undefined)[] },
    { now, room }: { now: number; room: number },
  ): Promise<{ received: number; dropped: number } | undefined> {
    return this.#db.transaction().execute(async (tx) => {
      const claim = await claimOf(tx, claimId)
      if (!claim) return undefined
      const fresh = events.slice(from === undefined ? 0 : Math.max(0, claim.events - from))
      const received = claim.events + fresh.length
      await tx
        .updateTable('studio_claims')
        .set({ events: received, heard_at: now })
        .where('id', '=', claimId)
        .execute()
      if (claim.status !== 'running') return { received, dropped: 0 }
      const kept = fresh.filter((event) => event !== undefined)
      const left = Math.max(0, room - (await lastNumber(tx, claim.run_id)))
      if (left > 0 && kept.length > 0) await append(tx, claim.run_id, kept.slice(0, left))
      return { received, dropped: Math.max(0, kept.length - left) }
    })
  }

  async setArtifact(claimId: string, artifact: Artifact | null): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('studio_claims')
      .set({ artifact: artifact && JSON.stringify(artifact) })
      .where('id', '=', claimId)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async settle(claimId: string, change: RunChange, event: NewRunEvent): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      const claim = await claimOf(tx, claimId)
      if (claim?.status !== 'running') return false
      await tx.updateTable('studio_runs').set(changedColumns(change)).where('id', '=', claim.run_id).execute()
      await append(tx, claim.run_id, [event])
      return true
    })
  }

  async release(claimId: string, event: NewRunEvent): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      const claim = await claimOf(tx, claimId)
      if (claim?.status !== 'running') return false
      await requeue(tx, claim.run_id, event)
      return true
    })
  }

  async expire(
    silentSince: number,
    { silent, orphaned }: { silent: NewRunEvent; orphaned: NewRunEvent },
  ): Promise<string[]> {
    return this.#db.transaction().execute(async (tx) => {
      const lost = await tx
        .selectFrom('studio_runs')
        .leftJoin('studio_claims', 'studio_claims.run_id', 'studio_runs.id')
        .leftJoin('studio_runners', 'studio_runners.id', 'studio_claims.runner_id')
        .select('studio_runs.id')
        .where('studio_runs.status', '=', 'running')
        .where('studio_runs.target', '=', 'runner')
        .where((where) =>
          where.or([
            where('studio_runners.id', 'is', null),
            where('studio_claims.heard_at', '<=', silentSince),
          ]),
        )
        .execute()
      for (const { id } of lost) await requeue(tx, id, silent)
      const waiting = await tx
        .selectFrom('studio_runs')
        .leftJoin('studio_runners', 'studio_runners.id', 'studio_runs.runner_id')
        .select('studio_runs.id')
        .where('studio_runs.status', '=', 'queued')
        .where('studio_runs.runner_id', 'is not', null)
        .where('studio_runners.id', 'is', null)
        .execute()
      for (const { id } of waiting) {
        const error = String(orphaned.fields['message'])
        const change: RunChange = { status: 'failed', error, finishedAt: orphaned.ts }
        await tx.updateTable('studio_runs').set(changedColumns(change)).where('id', '=', id).execute()
        await append(tx, id, [orphaned])
      }
      return [...lost, ...waiting].map(({ id }) => id)
    })
  }

  async hearAll(now: number): Promise<void> {
    await this.#db.updateTable('studio_claims').set({ heard_at: now }).execute()
  }
}

type Queries = Kysely<Schema> | Transaction<Schema>

/** Runs of projects that the account may change. */
function accessibleRuns(db: Queries, accountId: string) {
  return db
    .selectFrom('studio_runs')
    .innerJoin('studio_members', 'studio_members.project_id', 'studio_runs.project_id')
    .selectAll('studio_runs')
    .where('studio_members.account_id', '=', accountId)
    .where('studio_members.role', 'in', TRAINING_ROLES)
}

function claimOf(tx: Transaction<Schema>, claimId: string) {
  return tx
    .selectFrom('studio_claims')
    .innerJoin('studio_runs', 'studio_runs.id', 'studio_claims.run_id')
    .selectAll('studio_claims')
    .select('studio_runs.status')
    .where('studio_claims.id', '=', claimId)
    .executeTakeFirst()
}

async function lastNumber(tx: Transaction<Schema>, runId: string): Promise<number> {
  const { last } = await tx
    .selectFrom('studio_run_events')
    .select((e) => e.fn.max<number | null>('seq').as('last'))
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow()
  return last ?? 0
}

async function requeue(tx: Transaction<Schema>, runId: string, event: NewRunEvent): Promise<void> {
  await tx.deleteFrom('studio_claims').where('run_id', '=', runId).execute()
  await tx.updateTable('studio_runs').set({ status: 'queued' }).where('id', '=', runId).execute()
  await append(tx, runId, [event])
}

function toClaim(row: Selectable<StudioClaimsTable>): Claim {
  return {
    id: row.id,
    runId: row.run_id,
    runnerId: row.runner_id,
    claimedAt: row.claimed_at,
    heardAt: row.heard_at,
    events: row.events,
    artifact: row.artifact === null ? null : JSON.parse(row.artifact),
  }
}
