import { type ArtefactKind, type ArtefactSpec, slugKey } from '@posterior/contracts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Artefact, ArtefactStore, NewVersion, ProjectSize } from '../../domain/ports/studio.ts'
import { notFoundWithoutParent } from './constraint-errors.ts'
import type { Schema, StudioArtefactsTable, StudioVersionsTable } from './schema.ts'

export class SqliteArtefactStore implements ArtefactStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async list(projectId: string, kind: ArtefactKind): Promise<Artefact[]> {
    const rows = await this.#db
      .selectFrom('studio_artefacts')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('kind', '=', kind)
      .orderBy('slug')
      .execute()
    const versions = await this.#db
      .selectFrom('studio_versions')
      .innerJoin('studio_artefacts', 'studio_artefacts.id', 'studio_versions.artefact_id')
      .select(INFO)
      .where('project_id', '=', projectId)
      .where('kind', '=', kind)
      .orderBy('position')
      .execute()
    const byArtefact = Map.groupBy(versions, (version) => version.artefact_id)
    return rows.map((row) => toArtefact(row, byArtefact.get(row.id) ?? []))
  }

  async find(projectId: string, kind: ArtefactKind, handle: string): Promise<Artefact | undefined> {
    const rows = await this.#db
      .selectFrom('studio_artefacts')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('kind', '=', kind)
      .where((where) => where.or([where('id', '=', handle), where('slug_key', '=', slugKey(handle))]))
      .execute()
    // A slug may look like the id of another one.
    const row = rows.find(({ id }) => id === handle) ?? rows[0]
    return row && withVersions(this.#db, row)
  }

  async findForMember(accountId: string, kind: ArtefactKind, id: string): Promise<Artefact | undefined> {
    const row = await this.#db
      .selectFrom('studio_artefacts')
      .innerJoin('studio_members', 'studio_members.project_id', 'studio_artefacts.project_id')
      .selectAll('studio_artefacts')
      .where('studio_members.account_id', '=', accountId)
      .where('studio_artefacts.id', '=', id)
      .where('kind', '=', kind)
      .executeTakeFirst()
    return row && withVersions(this.#db, row)
  }

  async content(artefactId: string, version: string): Promise<ArtefactSpec | undefined> {
    const row = await this.#db
      .selectFrom('studio_versions')
      .select('spec')
      .where('artefact_id', '=', artefactId)
      .where('version', '=', version)
      .executeTakeFirst()
    return row && (JSON.parse(row.spec) as ArtefactSpec)
  }

  async addVersion(
    version: NewVersion,
    decide: (existing: Artefact | undefined, size: ProjectSize) => 'store' | 'keep',
  ): Promise<Artefact> {
    return this.#db.transaction().execute(async (tx) => {
      const existing = await findBySlug(tx, version)
      const decision = decide(existing, await sizeOf(tx, version.projectId))
      if (decision === 'keep' && existing) return existing
      await insertVersion(tx, version, existing)
      const stored = await findBySlug(tx, version)
      if (!stored) throw new Error('an artefact that was just stored is not there')
      return stored
    })
  }

  async tableHashes(): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('studio_versions')
      .innerJoin('studio_artefacts', 'studio_artefacts.id', 'studio_versions.artefact_id')
      .select(sql<string | null>`json_extract(spec, '$.sha256')`.as('sha256'))
      .where('kind', '=', 'dataset')
      .distinct()
      .execute()
    return rows.map(({ sha256 }) => sha256).filter((sha256) => sha256 !== null)
  }

  async remove(projectId: string, kind: ArtefactKind, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('studio_artefacts')
      .where('id', '=', id)
      .where('project_id', '=', projectId)
      .where('kind', '=', kind)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }
}

/** Store a version, and the artefact where there is none yet. */
export async function insertVersion(
  tx: Transaction<Schema>,
  version: NewVersion,
  existing: Artefact | undefined,
): Promise<string> {
  const id = existing?.id ?? version.newId
  if (!existing) {
    await tx
      .insertInto('studio_artefacts')
      .values({
        id,
        project_id: version.projectId,
        kind: version.kind,
        slug: version.spec.slug,
        slug_key: slugKey(version.spec.slug),
        forked_from: version.forkedFrom && JSON.stringify(version.forkedFrom),
        created_at: version.createdAt,
      })
      .execute()
      .catch(notFoundWithoutParent(`Project ${version.projectId}`))
  }
  await tx
    .insertInto('studio_versions')
    .values({
      artefact_id: id,
      position: existing?.versions.length ?? 0,
      version: version.version,
      name: version.name,
      spec: JSON.stringify(version.spec),
      hash: version.hash,
      bytes: version.bytes,
      created_at: version.createdAt,
    })
    .execute()
  return id
}

type Queries = Kysely<Schema> | Transaction<Schema>

const INFO = [
  'studio_versions.artefact_id',
  'studio_versions.version',
  'studio_versions.name',
  'studio_versions.hash',
  'studio_versions.bytes',
  'studio_versions.created_at',
] as const

type InfoRow = Pick<
  Selectable<StudioVersionsTable>,
  'artefact_id' | 'version' | 'name' | 'hash' | 'bytes' | 'created_at'
>

/** The artefact that a version belongs to, as it is. */
export async function findBySlug(
  db: Queries,
  { projectId, kind, spec }: Pick<NewVersion, 'projectId' | 'kind' | 'spec'>,
): Promise<Artefact | undefined> {
  const row = await db
    .selectFrom('studio_artefacts')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('kind', '=', kind)
    .where('slug_key', '=', slugKey(spec.slug))
    .executeTakeFirst()
  return row && withVersions(db, row)
}

async function withVersions(db: Queries, row: Selectable<StudioArtefactsTable>): Promise<Artefact> {
  const versions = await db
    .selectFrom('studio_versions')
    .select(INFO)
    .where('artefact_id', '=', row.id)
    .orderBy('position')
    .execute()
  return toArtefact(row, versions)
}

async function sizeOf(db: Queries, projectId: string): Promise<ProjectSize> {
  const { versions, bytes } = await db
    .selectFrom('studio_versions')
    .innerJoin('studio_artefacts', 'studio_artefacts.id', 'studio_versions.artefact_id')
    .select((e) => [e.fn.countAll<number>().as('versions'), e.fn.sum<number | null>('bytes').as('bytes')])
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow()
  return { versions: Number(versions), bytes: Number(bytes ?? 0) }
}

function toArtefact(row: Selectable<StudioArtefactsTable>, versions: readonly InfoRow[]): Artefact {
  return {
    id: row.id,
    projectId: row.project_id,
    kind: row.kind as ArtefactKind,
    slug: row.slug,
    forkedFrom: row.forked_from === null ? null : (JSON.parse(row.forked_from) as Artefact['forkedFrom']),
    createdAt: row.created_at,
    versions: versions.map(({ version, name, hash, bytes, created_at: createdAt }) => {
      return { version, name, hash, bytes, createdAt }
    }),
  }
}
