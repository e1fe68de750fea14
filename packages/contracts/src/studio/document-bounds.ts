/**
 * What a stored document may hold: JSON that is the same after it was written to a file and read again. The walk keeps its
 * own stack, because a document may be nested deeper than the program's.
 */
import { z } from 'zod'
import { MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH } from './limits.ts'

/** What is wrong with a part of a document, and where it is. */
export interface BoundsProblem {
  path: string[]
  message: string
}

/** The first part of `document` that cannot be stored; undefined when all of it can. */
export function findUnstorable(document: unknown): BoundsProblem | undefined {
  const open: { value: unknown; path: string[] }[] = [{ value: document, path: [] }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path } = next
    const message = problemOf(value, path)
    if (message) return { path, message }
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) {
      if (key === '__proto__') return { path: [...path, key], message: 'is not a name that can be stored' }
      if (!key.isWellFormed()) return { path, message: 'has a name that is not valid Unicode' }
      open.push({ value: child, path: [...path, key] })
    }
  }
  return undefined
}

/** Bytes of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

/** A text of at most so many bytes of UTF-8. */
export const boundedText = (maxBytes: number) =>
  z
    .string()
    .refine(
      (text) => text.length <= maxBytes && utf8Bytes(text) <= maxBytes,
      `must have at most ${maxBytes} bytes`,
    )
    .refine((text) => text.isWellFormed(), 'is not valid Unicode')

/** A free text of a document. */
export const freeTextSchema = boundedText(MAX_DOCUMENT_BYTES)

function problemOf(value: unknown, path: readonly string[]): string | undefined {
  if (path.length > MAX_DOCUMENT_DEPTH) return `is nested deeper than ${MAX_DOCUMENT_DEPTH} levels`
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? undefined : 'is not valid Unicode'
    case 'number':
      return Number.isFinite(value) ? undefined : 'must be a finite number'
    case 'boolean':
    case 'object':
    case 'undefined':
      return undefined
    default:
      return 'is not a value of JSON'
  }
}
