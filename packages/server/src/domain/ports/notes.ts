/** Initiatives and literature of projects, as they are stored. */
import type { NoteKind } from '@posterior/contracts'

export interface Note {
  projectId: string
  kind: NoteKind
  /** Name of its file without `.md`. */
  id: string
  text: string
  /** What was read in its head. */
  fields: Readonly<Record<string, unknown>>
  /** In an archive. */
  bytes: number
  createdAt: number
  updatedAt: number
}

/** A note to store. */
export interface NewNote extends Omit<Note, 'createdAt' | 'updatedAt'> {
  now: number
}

/** How much the notes of a project are. */
export interface NotesSize {
  count: number
  bytes: number
}

export interface NoteStore {
  /** By id. */
  list(projectId: string, kind: NoteKind): Promise<Note[]>
  find(projectId: string, kind: NoteKind, id: string): Promise<Note | undefined>
  /**
   * Store a note, in the place of one with its id, unless `check` refuses by throwing.
   *
   * @param check  looks at the other notes of the project, in the same transaction
   * @throws AppError NOT_FOUND when the project is gone
   */
  put(note: NewNote, check: (others: NotesSize) => void): Promise<{ note: Note; isNew: boolean }>
  /** @returns whether it was there */
  remove(projectId: string, kind: NoteKind, id: string): Promise<boolean>
}
