/** Texts of a project to a server: the roadmap, initiatives and literature. They have no versions; that of the folder counts. */
import type { NoteFile } from '@posterior/project'
import type { Sent, Where } from './send.ts'
import { requireSuccess, type ServerAnswer, type ServerConnection } from './server-connection.ts'

/** @throws CommandError when the server refuses it */
export function sendRoadmap(
  server: ServerConnection,
  { id, isDry, roadmap }: Where & { roadmap: string },
): Promise<Sent> {
  const path = `/projects/${id}`
  return sendText({
    ...{ kind: 'roadmap', slug: 'ROADMAP.md', isDry, isNew: id === null, text: roadmap },
    read: async () => server.call('GET', path),
    field: 'roadmap',
    write: () => server.call('PATCH', path, { roadmap }),
  })
}

/** @throws CommandError when the server refuses it */
export function sendNote(
  server: ServerConnection,
  { id, isDry, note }: Where & { note: NoteFile },
): Promise<Sent> {
  const { kind, text } = note
  const folder = kind === 'initiative' ? 'initiatives' : 'literature'
  const path = `/projects/${id}/${folder}/${encodeURIComponent(note.id)}`
  return sendText({
    ...{ kind, slug: note.id, isDry, isNew: id === null, text },
    read: () => server.call('GET', path),
    field: 'text',
    write: () => server.call('PUT', path, { text }),
  })
}

interface TextToSend {
  kind: Sent['kind']
  slug: string
  isDry: boolean
  /** Whether the project is one that a dry run would make. */
  isNew: boolean
  text: string
  read: () => Promise<ServerAnswer>
  /** Of the answer that has the text. */
  field: 'roadmap' | 'text'
  write: () => Promise<ServerAnswer>
}

async function sendText({ kind, slug, isDry, isNew, text, read, field, write }: TextToSend): Promise<Sent> {
  const sent = (outcome: Sent['outcome']): Sent => ({ kind, slug, version: null, outcome, message: null })
  if (!isNew) {
    const { status, json } = await read()
    if (status === 200 && (json as Record<string, unknown>)[field] === text) return sent('unchanged')
  }
  if (!isDry) requireSuccess(await write(), `The ${kind} "${slug}" could not be sent`)
  return sent('new')
}
