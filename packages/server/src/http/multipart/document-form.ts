/** Multipart forms of a document and, after it, the one file that it is about, which is read while it arrives. */
import type { Multipart, MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { broken, bytesOf, jsonOf, malformed } from './read-form.ts'

/** Names of the two parts. */
export interface DocumentFormNames {
  /** Of the JSON, which comes first. */
  document: string
  file: string
}

/**
 * The document of a form, and its file as it arrives. Whoever reads the file to its end has seen that nothing follows it.
 *
 * @throws AppError MALFORMED_MULTIPART, MALFORMED_JSON, PAYLOAD_TOO_LARGE
 */
export async function readDocumentForm(
  request: FastifyRequest,
  names: DocumentFormNames,
): Promise<{ document: unknown; file: AsyncIterable<Uint8Array> }> {
  const parts = request.parts()
  try {
    const part = await nextPart(parts)
    if (part?.type !== 'field' || part.fieldname !== names.document) {
      throw malformed(
        `its first part must be "${names.document}", as JSON; the file "${names.file}" follows.`,
      )
    }
    return { document: jsonOf(part), file: fileOf(request, parts, names) }
  } catch (error) {
    leave(request)
    throw error
  }
}

async function* fileOf(
  request: FastifyRequest,
  parts: AsyncIterableIterator<Multipart>,
  names: DocumentFormNames,
): AsyncGenerator<Uint8Array> {
  try {
    const part = await nextPart(parts)
    if (!isFile(part) || part.fieldname !== names.file)
      throw malformed(`the file "${names.file}" is missing.`)
    yield* bytesOf(part)
    const other = await nextPart(parts)
    if (other) throw malformed(`it has a part "${other.fieldname}" after the file "${names.file}".`)
  } finally {
    leave(request)
  }
}

function isFile(part: Multipart | undefined): part is MultipartFile {
  return part?.type === 'file'
}

async function nextPart(parts: AsyncIterableIterator<Multipart>): Promise<Multipart | undefined> {
  try {
    const { value, done } = await parts.next()
    return done ? undefined : value
  } catch (error) {
    throw broken(error)
  }
}

/** Nobody takes the parts that are still to come; what is sent of them is read and dropped. */
function leave(request: FastifyRequest): void {
  request.raw.unpipe()
}
