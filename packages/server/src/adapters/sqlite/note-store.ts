import type { NoteKind } from '@posterior/contracts'
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { NewNote, Note, NoteStore, NotesSize } from '../../domain/ports/notes.ts'
import { notFoundWithoutParent } from './constraint-errors.ts'
import type { Schema, StudioNotesTable } from './schema.ts'

export class SqliteNoteStore implements NoteStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async list(projectId: string, kind: NoteKind): Promise<Note[]> {
    const rows = await this.#db
      .selectFrom('studio_notes')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('kind', '=', kind)
      .orderBy('id')
      .execute()
    return rows.map(toNote)
  }

  async find(projectId: string, kind: NoteKind, id: string): Promise<Note | undefined> {
    const row = await find(this.#db, { projectId, kind, id })
    return row && toNote(row)
  }

  async put(note: NewNote, check: (others: NotesSize) => void): Promise<{ note: Note; isNew: boolean }> {
    return this.#db.transaction().execute(async (tx) => {
      const existing = await find(tx, note)
      check(await sizeOfOthers(tx, note))
      const createdAt = existing?.created_at ?? note.now
      if (existing) await tx.deleteFrom('studio_notes').where(isNote(note)).execute()
      await insertNote(tx, note, createdAt)
      const { now: updatedAt, ...rest } = note
      return { note: { ...rest, createdAt, updatedAt }, isNew: !existing }
    })
  }

  async remove(projectId: string, kind: NoteKind, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('studio_notes')
      .where(isNote({ projectId, kind, id }))
      .executeTakeFirst()
    return numDeletedRows > 0n
  }
}

type Key = Pick<Note, 'projectId' | 'kind' | 'id'>

const isNote =
  ({ projectId, kind, id }: Key) =>
  // biome-ignore lint/suspicious/noExplicitAny: the type of an expression builder over one table
  (where: any) =>
    where.and([where('project_id', '=', projectId), where('kind', '=', kind), where('id', '=', id)])

/** Store a note that is not there. */
export async function insertNote(
  tx: Transaction<Schema>,
  { projectId, kind, id, text, fields, bytes, now }: NewNote,
  createdAt: number = now,
): Promise<void> {
  await tx
    .insertInto('studio_notes')
    .values({
      ...{ project_id: projectId, kind, id, text, bytes, created_at: createdAt, updated_at: now },
      fields: JSON.stringify(fields),
    })
    .execute()
    .catch(notFoundWithoutParent(`Project ${projectId}`))
}

function find(db: Kysely<Schema> | Transaction<Schema>, key: Key) {
  return db.selectFrom('studio_notes').selectAll().where(isNote(key)).executeTakeFirst()
}

async function sizeOfOthers(tx: Transaction<Schema>, { projectId, kind, id }: Key): Promise<NotesSize> {
  const rows = await tx
    .selectFrom('studio_notes')
    .select(['kind', 'id', 'bytes'])
    .where('project_id', '=', projectId)
    .execute()
  const others = rows.filter((row) => row.kind !== kind || row.id !== id)
  return { count: others.length, bytes: others.reduce((sum, row) => sum + row.bytes, 0) }
}

function toNote(row: Selectable<StudioNotesTable>): Note {
  return {
    projectId: row.project_id,
    kind: row.kind as NoteKind,
    id: row.id,
    text: row.text,
    fields: JSON.parse(row.fields) as Note['fields'],
    bytes: row.bytes,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
