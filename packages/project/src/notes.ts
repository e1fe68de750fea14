/** Initiatives and literature among the files of a project: where they are, and what their heads say. */
import {
  BIBLIOGRAPHY,
  findUnstorable,
  isNoteId,
  MAX_MARKDOWN_BYTES,
  type NoteKind,
} from '@posterior/contracts'
import type { TarFile } from './archive/tar-writer.ts'
import { ProjectError } from './project-error.ts'
import { readDocument } from './read-yaml.ts'

/** A text that is kept as it is. */
export interface NoteFile {
  kind: NoteKind
  id: string
  text: string
}

const FOLDERS = { initiative: 'initiatives', literature: 'literature' } as const

/** Where the file of a note is. */
export function notePath({ kind, id }: Pick<NoteFile, 'kind' | 'id'>): string {
  return `${FOLDERS[kind]}/${id === BIBLIOGRAPHY && kind === 'literature' ? id : `${id}.md`}`
}

/**
 * The note that a file is; undefined for anything else.
 *
 * @throws ProjectError for one that is too long or no text
 */
export function readNote({ path, bytes }: TarFile): NoteFile | undefined {
  const match = /^(initiatives|literature)\/([^/]+)$/.exec(path)
  if (!match) return undefined
  const kind = match[1] === FOLDERS.initiative ? 'initiative' : 'literature'
  const name = match[2]!
  const id = path === `literature/${BIBLIOGRAPHY}` ? name : name.replace(/\.md$/, '')
  if (notePath({ kind, id }) !== path || !isNoteId(id)) return undefined
  if (bytes.length > MAX_MARKDOWN_BYTES) {
    throw ProjectError.file({ path, line: null }, `has more than ${MAX_MARKDOWN_BYTES} bytes.`)
  }
  try {
    return { kind, id, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch (error) {
    throw ProjectError.file({ path, line: null }, 'is not UTF-8.', error)
  }
}

/** Longest head that is read, in characters: what is longer is no head. */
const MAX_HEAD = 8_192

/** The fields between lines of `---` at the beginning of a text; none when there are none, or they cannot be read. */
export function headOf(text: string): Record<string, unknown> {
  const head = /^---\r?\n(.*?)\r?\n---/s.exec(text.slice(0, MAX_HEAD))?.[1]
  if (head === undefined) return {}
  try {
    const { value } = readDocument(head, '')
    const isFields = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isFields && !findUnstorable(value) ? (value as Record<string, unknown>) : {}
  } catch (error) {
    if (error instanceof ProjectError) return {}
    throw error
  }
}
