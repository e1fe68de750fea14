/** Initiatives and literature of projects: texts that are kept as they were written. */
import { MAX_NOTES_BYTES, MAX_PROJECT_NOTES, type NoteKind, utf8Bytes } from '@posterior/contracts'
import { headOf } from '@posterior/project'
import { AppError } from '../app-error.ts'
import type { NewNote, Note, NoteStore, NotesSize } from '../ports/notes.ts'
import type { Clock } from '../ports/system.ts'
import { limitReached, type Projects } from './projects.ts'

export interface NotesDeps {
  projects: Projects
  notes: NoteStore
  clock: Clock
}

/** Which note: in a project (id or slug), of a kind, by id. */
export interface NoteAddress {
  project: string
  kind: NoteKind
  id: string
}

/** Every method throws AppError NOT_FOUND for what the account may not see; those that change something ROLE_TOO_LOW for viewers. */
export class Notes {
  readonly #deps: NotesDeps

  constructor(deps: NotesDeps) {
    this.#deps = deps
  }

  /** By id. */
  async list(accountId: string, projectHandle: string, kind: NoteKind): Promise<Note[]> {
    const { project } = await this.#deps.projects.require(accountId, projectHandle)
    return this.#deps.notes.list(project.id, kind)
  }

  async get(accountId: string, address: NoteAddress): Promise<Note> {
    const { project } = await this.#deps.projects.require(accountId, address.project)
    const found = await this.#deps.notes.find(project.id, address.kind, address.id)
    if (!found) throw notFound(address)
    return found
  }

  /** Store a text, new or in the place of the one with this id. @throws AppError STUDIO_LIMIT_REACHED */
  async put(
    accountId: string,
    { project: handle, kind, id }: NoteAddress,
    text: string,
  ): Promise<{ note: Note; isNew: boolean }> {
    const { projects, notes, clock } = this.#deps
    const { project } = await projects.require(accountId, handle, 'editor')
    const note = newNote({ projectId: project.id, kind, id, text, now: clock.now() })
    return notes.put(note, (others) =>
      checkNotes({ count: others.count + 1, bytes: others.bytes + note.bytes }),
    )
  }

  async remove(accountId: string, address: NoteAddress): Promise<void> {
    const { project } = await this.#deps.projects.require(accountId, address.project, 'editor')
    if (!(await this.#deps.notes.remove(project.id, address.kind, address.id))) throw notFound(address)
  }
}

/** Bytes that a file takes in an archive beside its own. */
const FILE_OVERHEAD = 512

/** A note with what is read in it. */
export function newNote(order: Pick<NewNote, 'projectId' | 'kind' | 'id' | 'text' | 'now'>): NewNote {
  return { ...order, fields: headOf(order.text), bytes: utf8Bytes(order.text) + FILE_OVERHEAD }
}

/** @throws AppError STUDIO_LIMIT_REACHED */
export function checkNotes({ count, bytes }: NotesSize): void {
  if (count > MAX_PROJECT_NOTES) {
    throw limitReached(`${count} initiatives and works`, `${MAX_PROJECT_NOTES} of a project`)
  }
  if (bytes > MAX_NOTES_BYTES) {
    throw limitReached(
      `Initiatives and literature of ${bytes} bytes`,
      `${MAX_NOTES_BYTES} bytes of a project`,
    )
  }
}

function notFound({ kind, id }: NoteAddress): AppError {
  const name = { initiative: 'Initiative', literature: 'Work' }[kind]
  return new AppError('NOT_FOUND', { params: { what: `${name} ${id}` } })
}
