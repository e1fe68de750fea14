/** A version as it is stored: what is hashed, what is counted. */
import { createHash } from 'node:crypto'
import {
  type ArtefactKind,
  type ArtefactSpec,
  type DatasetSpec,
  MAX_DOCUMENT_BYTES,
  utf8Bytes,
} from '@posterior/contracts'
import { versionFiles } from '@posterior/project'
import { invalidField } from '../app-error.ts'
import type { ForkSource, NewVersion } from '../ports/studio.ts'

/** Bytes that a file takes in an archive beside its own. */
const FILE_OVERHEAD = 512

/**
 * A version with its hash and size.
 *
 * @throws AppError REQUEST_VALIDATION_ERROR when its document is too large as a file
 */
export function newVersion(order: {
  projectId: string
  kind: ArtefactKind
  spec: ArtefactSpec
  newId: string
  now: number
  forkedFrom?: ForkSource | null
}): NewVersion {
  const { projectId, kind, spec, newId, now, forkedFrom = null } = order
  const sizes = versionFiles(kind, spec, forkedFrom).map(({ text }) => utf8Bytes(text))
  if (sizes[0]! > MAX_DOCUMENT_BYTES) {
    const message = `has ${sizes[0]} bytes as YAML without its code; at most ${MAX_DOCUMENT_BYTES} are possible`
    throw invalidField(kind, message)
  }
  return {
    ...{ projectId, kind, spec, newId, forkedFrom },
    version: spec.version,
    name: spec.name,
    hash: contentHash(spec),
    bytes: sizes.reduce((sum, bytes) => sum + bytes + FILE_OVERHEAD, 0) + tableBytes(kind, spec),
    createdAt: now,
  }
}

/** What the table of a dataset takes in an archive. */
function tableBytes(kind: ArtefactKind, spec: ArtefactSpec): number {
  return kind === 'dataset' ? ((spec as DatasetSpec).sizeBytes ?? 0) + FILE_OVERHEAD : 0
}

/** SHA-256 (hex) of a content; the order of names does not count. */
export function contentHash(spec: ArtefactSpec): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(spec)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, child]) => [key, sorted(child)]))
}
