import { ARTEFACT_KINDS, type ArtefactKind, type ProjectRole, slugKey } from '@posterior/contracts'
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { NewNote } from '../../domain/ports/notes.ts'
import type {
  Member,
  MemberProject,
  NewVersion,
  Project,
  ProjectChange,
  ProjectStore,
} from '../../domain/ports/studio.ts'
import { findBySlug, insertVersion } from './artefact-store.ts'
import { notFoundWithoutParent } from './constraint-errors.ts'
import { insertNote } from './note-store.ts'
import type { Schema, StudioProjectsTable } from './schema.ts'

export class SqliteProjectStore implements ProjectStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insert(
    project: Project & { accountId: string },
    limit: number,
    versions: readonly NewVersion[] = [],
    notes: readonly NewNote[] = [],
  ): Promise<'stored' | 'slug taken' | 'too many'> {
    return this.#db.transaction().execute(async (tx) => {
      const own = await tx
        .selectFrom('studio_projects')
        .select('slug_key')
        .where('account_id', '=', project.accountId)
        .execute()
      if (own.some((row) => row.slug_key === slugKey(project.slug))) return 'slug taken'
      if (own.length >= limit) return 'too many'
      await tx
        .insertInto('studio_projects')
        .values(projectRow(project))
        .execute()
        .catch(notFoundWithoutParent('Account'))
      await tx
        .insertInto('studio_members')
        .values({
          project_id: project.id,
          account_id: project.accountId,
          role: 'owner',
          added_at: project.createdAt,
        })
        .execute()
      for (const version of versions) await insertVersion(tx, version, await findBySlug(tx, version))
      for (const note of notes) await insertNote(tx, note)
      return 'stored'
    })
  }

  async find(accountId: string, handle: string): Promise<MemberProject | undefined> {
    const rows = await memberProjects(this.#db, accountId)
      .where((where) =>
        where.or([where('studio_projects.id', '=', handle), where('slug_key', '=', slugKey(handle))]),
      )
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    const row =
      rows.find(({ id }) => id === handle) ?? rows.find(({ account_id: id }) => id === accountId) ?? rows[0]
    return row && toMemberProject(row)
  }

  async list(accountId: string): Promise<MemberProject[]> {
    const rows = await memberProjects(this.#db, accountId)
      .orderBy('studio_projects.name')
      .orderBy('studio_projects.id')
      .execute()
    return rows.map(toMemberProject)
  }

  async change(id: string, change: ProjectChange, updatedAt: number): Promise<'stored' | 'slug taken'> {
    return this.#db.transaction().execute(async (tx) => {
      const { slug } = change
      if (slug !== undefined && (await isTaken(tx, id, slug))) return 'slug taken'
      await tx
        .updateTable('studio_projects')
        .set({ ...change, ...(slug !== undefined && { slug_key: slugKey(slug) }), updated_at: updatedAt })
        .where('id', '=', id)
        .execute()
      return 'stored'
    })
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom('studio_projects').where('id', '=', id).execute()
  }

  async counts(id: string): Promise<Record<ArtefactKind, number>> {
    const rows = await this.#db
      .selectFrom('studio_artefacts')
      .select((e) => ['kind', e.fn.countAll<number>().as('count')])
      .where('project_id', '=', id)
      .groupBy('kind')
      .execute()
    const found = new Map(rows.map(({ kind, count }) => [kind, Number(count)]))
    const counts = ARTEFACT_KINDS.map((kind) => [kind, found.get(kind) ?? 0])
    return Object.fromEntries(counts) as Record<ArtefactKind, number>
  }

  async members(projectId: string): Promise<Member[]> {
    const rows = await this.#db
      .selectFrom('studio_members')
      .innerJoin('accounts', 'accounts.id', 'studio_members.account_id')
      .select(['accounts.id', 'accounts.name', 'accounts.email', 'role', 'added_at'])
      .where('project_id', '=', projectId)
      .orderBy('added_at')
      .orderBy('accounts.id')
      .execute()
    return rows.map((row) => ({
      accountId: row.id,
      name: row.name,
      email: row.email,
      role: row.role as ProjectRole,
      addedAt: row.added_at,
    }))
  }

  async addMember(
    projectId: string,
    { accountId, role, addedAt }: { accountId: string; role: ProjectRole; addedAt: number },
    limit: number,
  ): Promise<'stored' | 'is member' | 'too many'> {
    return this.#db.transaction().execute(async (tx) => {
      const rows = await memberRows(tx, projectId)
      if (rows.some((row) => row.account_id === accountId)) return 'is member'
      if (rows.length >= limit) return 'too many'
      await tx
        .insertInto('studio_members')
        .values({ project_id: projectId, account_id: accountId, role, added_at: addedAt })
        .execute()
        .catch(notFoundWithoutParent(`Project ${projectId}`))
      return 'stored'
    })
  }

  async changeMember(
    projectId: string,
    accountId: string,
    role: ProjectRole | null,
  ): Promise<'stored' | 'unknown' | 'last owner'> {
    return this.#db.transaction().execute(async (tx) => {
      const rows = await memberRows(tx, projectId)
      if (!rows.some((row) => row.account_id === accountId)) return 'unknown'
      const otherOwners = rows.filter((row) => row.role === 'owner' && row.account_id !== accountId)
      if (role !== 'owner' && otherOwners.length === 0) return 'last owner'
      await (role === null
        ? removeMember(tx, projectId, accountId)
        : setRole(tx, [projectId, accountId], role))
      return 'stored'
    })
  }
}

function memberRows(tx: Transaction<Schema>, projectId: string) {
  return tx
    .selectFrom('studio_members')
    .select(['account_id', 'role'])
    .where('project_id', '=', projectId)
    .execute()
}

async function removeMember(tx: Transaction<Schema>, projectId: string, accountId: string): Promise<void> {
  await tx
    .deleteFrom('studio_members')
    .where('project_id', '=', projectId)
    .where('account_id', '=', accountId)
    .execute()
}

async function setRole(
  tx: Transaction<Schema>,
  [projectId, accountId]: readonly [projectId: string, accountId: string],
  role: ProjectRole,
): Promise<void> {
  await tx
    .updateTable('studio_members')
    .set({ role })
    .where('project_id', '=', projectId)
    .where('account_id', '=', accountId)
    .execute()
}

async function isTaken(tx: Transaction<Schema>, id: string, slug: string): Promise<boolean> {
  const other = await tx
    .selectFrom('studio_projects as other')
    .innerJoin('studio_projects as own', 'own.account_id', 'other.account_id')
    .select('other.id')
    .where('own.id', '=', id)
    .where('other.id', '!=', id)
    .where('other.slug_key', '=', slugKey(slug))
    .executeTakeFirst()
  return other !== undefined
}

function memberProjects(db: Kysely<Schema>, accountId: string) {
  return db
    .selectFrom('studio_projects')
    .innerJoin('studio_members', 'studio_members.project_id', 'studio_projects.id')
    .selectAll('studio_projects')
    .select('studio_members.role')
    .where('studio_members.account_id', '=', accountId)
}

function projectRow(project: Project): StudioProjectsTable {
  return {
    id: project.id,
    account_id: project.accountId,
    slug: project.slug,
    slug_key: slugKey(project.slug),
    name: project.name,
    description: project.description,
    roadmap: project.roadmap,
    created_at: project.createdAt,
    updated_at: project.updatedAt,
  }
}

function toMemberProject(row: Selectable<StudioProjectsTable> & { role: string }): MemberProject {
  const project: Project = {
    id: row.id,
    accountId: row.account_id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    roadmap: row.roadmap,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
  return { project, role: row.role as ProjectRole }
}
