import { isRunUnfinished, type RunStatus, slugKey } from '@posterior/contracts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type {
  FullQueue,
  NewRunEvent,
  Run,
  RunChange,
  RunCompute,
  RunLimits,
  RunRecipe,
  RunStore,
  StoredRunEvent,
} from '../../domain/ports/runs.ts'
import { notFoundWithoutParent } from './constraint-errors.ts'
import type { Schema, StudioRunsTable } from './schema.ts'

/** Who waits longest comes first: a draft since it was submitted. */
export const QUEUE_PLACE = sql<number>`coalesce(studio_runs.queued_at, studio_runs.created_at)`

/** Rows of one insert; SQLite takes a limited number of parameters. */
const BATCH = 500

export class SqliteRunStore implements RunStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insert(
    run: Omit<Run, 'slug'> & { slug: string | null },
    limits: RunLimits,
  ): Promise<Run | 'slug taken' | 'too many' | FullQueue> {
    return this.#db.transaction().execute(async (tx) => {
      const others = await tx
        .selectFrom('studio_runs')
        .select(['number', 'slug_key'])
        .where('project_id', '=', run.projectId)
        .execute()
      const slug = run.slug ?? nextSlug(others)
      if (others.some((other) => other.slug_key === slugKey(slug))) return 'slug taken'
      if (others.length >= limits.runs) return 'too many'
      const full = isRunUnfinished(run.status) ? await fullQueue(tx, run, limits) : undefined
      if (full) return full
      const number = 1 + Math.max(0, ...others.map((other) => other.number))
      const stored = { ...run, slug }
      await tx
        .insertInto('studio_runs')
        .values({ ...rowOf(stored), number })
        .execute()
        .catch(notFoundWithoutParent(`Project ${run.projectId}`))
      return stored
    })
  }

  async submit(run: Run, limits: RunLimits, now: number): Promise<'submitted' | 'not draft' | FullQueue> {
    return this.#db.transaction().execute(async (tx) => {
      const full = await fullQueue(tx, run, limits)
      if (full) return full
      const { numUpdatedRows } = await tx
        .updateTable('studio_runs')
        .set({ status: 'queued', account_id: run.accountId, queued_at: now })
        .where('id', '=', run.id)
        .where('status', '=', 'draft')
        .executeTakeFirst()
      return numUpdatedRows === 0n ? 'not draft' : 'submitted'
    })
  }

  async move(
    { id, accountId, compute }: Pick<Run, 'id' | 'accountId' | 'compute'>,
    { accountUnfinished }: Pick<RunLimits, 'accountUnfinished'>,
    event: NewRunEvent,
  ): Promise<Run | 'not waiting' | FullQueue> {
    return this.#db.transaction().execute(async (tx) => {
      const row = await tx
        .selectFrom('studio_runs')
        .selectAll()
        .where('id', '=', id)
        .where('status', 'in', ['draft', 'queued'])
        .executeTakeFirst()
      if (!row) return 'not waiting'
      const isTaken = row.status === 'queued' && row.account_id !== accountId
      if (isTaken && accountId !== null && accountUnfinished !== null) {
        const others = await countUnfinished(tx, 'account_id', accountId)
        if (others >= accountUnfinished) return 'too many of the account'
      }
      const moved = {
        account_id: accountId,
        target: compute.target,
        compute: JSON.stringify(compute),
        runner_id: compute.runner?.id ?? null,
      }
      await tx.updateTable('studio_runs').set(moved).where('id', '=', id).execute()
      await append(tx, id, [event])
      return toRun({ ...row, ...moved })
    })
  }

  async find(projectId: string, handle: string): Promise<Run | undefined> {
    const rows = await this.#db
      .selectFrom('studio_runs')
      .selectAll()
      .where('project_id', '=', projectId)
      .where((where) => where.or([where('id', '=', handle), where('slug_key', '=', slugKey(handle))]))
      .execute()
    const row = rows.find(({ id }) => id === handle) ?? rows[0]
    return row && toRun(row)
  }

  async list(projectId: string): Promise<Run[]> {
    const rows = await this.#db
      .selectFrom('studio_runs')
      .selectAll()
      .where('project_id', '=', projectId)
      .orderBy('number')
      .execute()
    return rows.map(toRun)
  }

  async nextQueued(): Promise<Run[]> {
    const rows = await this.#db
      .selectFrom('studio_runs')
      .selectAll()
      .where('status', '=', 'queued')
      .where('target', '=', 'server')
      .orderBy(QUEUE_PLACE)
      // Runs of one project may be ordered in the same millisecond.
      .orderBy('number')
      .orderBy('id')
      .execute()
    const first = new Map<string, (typeof rows)[number]>()
    for (const row of rows) {
      const of = row.account_id ?? ''
      if (!first.has(of)) first.set(of, row)
    }
    return [...first.values()].map(toRun)
  }

  async begin(id: string, startedAt: number): Promise<Run | undefined> {
    const row = await this.#db
      .updateTable('studio_runs')
      .set({ status: 'running', started_at: startedAt })
      .where('id', '=', id)
      .where('status', '=', 'queued')
      .where('target', '=', 'server')
      .returningAll()
      .executeTakeFirst()
    return row && toRun(row)
  }

  async change(
    id: string,
    from: readonly RunStatus[],
    change: RunChange,
    event?: NewRunEvent,
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('studio_runs')
        .set(changedColumns(change))
        .where('id', '=', id)
        .where('status', 'in', from)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      if (event) await append(tx, id, [event])
      return true
    })
  }

  async requeueRunning(): Promise<void> {
    await this.#db
      .updateTable('studio_runs')
      .set({ status: 'queued' })
      .where('status', '=', 'running')
      .where('target', '=', 'server')
      .execute()
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom('studio_runs').where('id', '=', id).execute()
  }

  async existing(ids: readonly string[]): Promise<string[]> {
    const found: string[] = []
    for (let start = 0; start < ids.length; start += BATCH) {
      const part = ids.slice(start, start + BATCH)
      const rows = await this.#db.selectFrom('studio_runs').select('id').where('id', 'in', part).execute()
      found.push(...rows.map(({ id }) => id))
    }
    return found
  }

  async addEvents(id: string, events: readonly NewRunEvent[]): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      const run = await tx
        .selectFrom('studio_runs')
        .select('id')
        .where('id', '=', id)
        .where('status', '=', 'running')
        .executeTakeFirst()
      if (run) await append(tx, id, events)
    })
  }

  async evalsAt(id: string, steps: readonly number[]): Promise<Record<string, unknown>[]> {
    if (steps.length === 0) return []
    const rows = await this.#db
      .selectFrom('studio_run_events')
      .select('fields')
      .where('run_id', '=', id)
      .where('event', '=', 'eval')
      .where(sql<number>`json_extract(fields, '$.step')`, 'in', steps)
      .orderBy('seq')
      .execute()
    return rows.map(({ fields }) => JSON.parse(fields))
  }

  async events(id: string, after: number, limit: number): Promise<StoredRunEvent[]> {
    const rows = await this.#db
      .selectFrom('studio_run_events')
      .selectAll()
      .where('run_id', '=', id)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(limit)
      .execute()
    return rows.map(({ seq, ts, event, fields }) => {
      return { seq, ts, event: event as NewRunEvent['event'], fields: JSON.parse(fields) }
    })
  }
}

/** Why no other run may wait: that of its project, or its account. */
async function fullQueue(
  tx: Transaction<Schema>,
  { projectId, accountId }: Pick<Run, 'projectId' | 'accountId'>,
  { unfinished, accountUnfinished }: RunLimits,
): Promise<FullQueue | undefined> {
  if ((await countUnfinished(tx, 'project_id', projectId)) >= unfinished) return 'too many unfinished'
  if (accountUnfinished === null || accountId === null) return undefined
  const ofAccount = await countUnfinished(tx, 'account_id', accountId)
  return ofAccount >= accountUnfinished ? 'too many of the account' : undefined
}

/** Runs of a project or of an account that wait or train. */
async function countUnfinished(
  tx: Transaction<Schema>,
  column: 'project_id' | 'account_id',
  value: string,
): Promise<number> {
  const { found } = await tx
    .selectFrom('studio_runs')
    .select((e) => e.fn.countAll<number>().as('found'))
    .where(column, '=', value)
    .where('status', 'in', ['queued', 'running'])
    .executeTakeFirstOrThrow()
  return Number(found)
}

/** Append events to a run, numbered after those that it has. */
export async function append(
  tx: Transaction<Schema>,
  id: string,
  events: readonly NewRunEvent[],
): Promise<void> {
  const { last } = await tx
    .selectFrom('studio_run_events')
    .select((e) => e.fn.max<number | null>('seq').as('last'))
    .where('run_id', '=', id)
    .executeTakeFirstOrThrow()
  const rows = events.map(({ ts, event, fields }, i) => {
    return { run_id: id, seq: (last ?? 0) + 1 + i, ts, event, fields: JSON.stringify(fields) }
  })
  for (let start = 0; start < rows.length; start += BATCH) {
    await tx
      .insertInto('studio_run_events')
      .values(rows.slice(start, start + BATCH))
      .execute()
  }
}

/** The next `v0_N` after the runs so far that nobody has taken. */
function nextSlug(others: readonly { number: number; slug_key: string }[]): string {
  const taken = new Set(others.map((other) => other.slug_key))
  let number = 1 + Math.max(0, ...others.map((other) => other.number))
  while (taken.has(slugKey(`v0_${number}`))) number++
  return `v0_${number}`
}

/** What a change sets. */
export function changedColumns(change: RunChange): Partial<StudioRunsTable> {
  return {
    ...(change.status !== undefined && { status: change.status }),
    ...(change.results !== undefined && { results: change.results && JSON.stringify(change.results) }),
    ...(change.error !== undefined && { error: change.error }),
    ...(change.startedAt !== undefined && { started_at: change.startedAt }),
    ...(change.finishedAt !== undefined && { finished_at: change.finishedAt }),
  }
}

function rowOf(run: Run): Omit<StudioRunsTable, 'number'> {
  const { prior, model, evals, hyperparams } = run
  return {
    id: run.id,
    project_id: run.projectId,
    account_id: run.accountId,
    slug: run.slug,
    slug_key: slugKey(run.slug),
    description: run.description,
    status: run.status,
    recipe: JSON.stringify({ prior, model, evals, hyperparams } satisfies RunRecipe),
    plan: JSON.stringify(run.plan),
    target: run.compute.target,
    compute: JSON.stringify(run.compute),
    runner_id: run.compute.runner?.id ?? null,
    results: run.results && JSON.stringify(run.results),
    error: run.error,
    created_at: run.createdAt,
    queued_at: run.status === 'draft' ? null : run.createdAt,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
  }
}

/** Runs from before there was a choice. */
const ON_SERVER: RunCompute = { target: 'server', runner: null, provider: 'cpu', maxSeconds: null }

/** The run of a row. */
export function toRun(row: Selectable<StudioRunsTable>): Run {
  return {
    ...(JSON.parse(row.recipe) as RunRecipe),
    id: row.id,
    projectId: row.project_id,
    accountId: row.account_id,
    slug: row.slug,
    description: row.description,
    status: row.status as RunStatus,
    plan: JSON.parse(row.plan),
    compute: row.compute === null ? ON_SERVER : { ...ON_SERVER, ...JSON.parse(row.compute) },
    results: row.results === null ? null : JSON.parse(row.results),
    error: row.error,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  }
}
