/**
 * Multipart forms of one part of JSON and some files. Files go to disk while they arrive; names, sizes and numbers of
 * parts are bounded, and a form that is broken in any way is a 400 of which nothing is kept.
 */
import multipart, { type Multipart, type MultipartFile } from '@fastify/multipart'
import { type FileFormat, MAX_JSON_BODY_BYTES } from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../../domain/app-error.ts'
import type { StagedFile, StagedFiles } from '../../domain/direct/staged-files.ts'
import type { Api } from '../api.ts'
import { JsonReader } from '../json/json-reader.ts'

const MAX_NAME_BYTES = 100
const MAX_HEADERS_PER_PART = 20
const JSON_LIMITS = { maxDepth: 32, maxValues: 100_000 }

/** What a form may hold. */
export interface FormSpec {
  /** Name of the part of JSON, which must be there. */
  json: string
  /** Names of the files, each of which may be there once. */
  files: readonly string[]
  format: (file: MultipartFile) => FileFormat
}

export interface Form<Name extends string = string> {
  json: unknown
  /** Belong to the caller, who uses or discards them. */
  files: Partial<Record<Name, StagedFile>>
}

/** Accept multipart forms on the routes of this scope; `readForm` reads them. */
export function acceptForms(scope: Api): void {
  scope.register(multipart, {
    throwFileSizeLimit: false,
    limits: {
      fieldNameSize: MAX_NAME_BYTES,
      fieldSize: MAX_JSON_BODY_BYTES,
      fields: 8,
      files: 8,
      parts: 16,
      headerPairs: MAX_HEADERS_PER_PART,
      // Where files are staged, larger ones are refused.
      fileSize: Number.MAX_SAFE_INTEGER,
    },
  })
}

/** Leave bodies that are no forms unread on the routes of this scope, whatever their type. */
export function acceptRawBodies(scope: Api): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
}

/**
 * Read the form of a request.
 *
 * @throws AppError MALFORMED_MULTIPART, MALFORMED_JSON, PAYLOAD_TOO_LARGE, STORAGE_FULL; no file is kept then
 */
export async function readForm<Name extends string>(
  request: FastifyRequest,
  spec: FormSpec & { files: readonly Name[] },
  staged: StagedFiles,
): Promise<Form<Name>> {
  if (!request.isMultipart()) throw malformed('send multipart/form-data.')
  const files = new Map<string, StagedFile>()
  let json: { value: unknown } | undefined
  try {
    const parts = request.parts()
    for (;;) {
      const { value: part, done } = await parts.next().catch((error: unknown) => {
        throw broken(error)
      })
      if (done) break
      if (part.type === 'file') await takeFile(part, { spec, files, staged })
      else if (part.fieldname !== spec.json) throw malformed(`it has a part "${part.fieldname}".`)
      else if (json) throw malformed(`it has the part "${spec.json}" twice.`)
      else json = { value: jsonOf(part) }
    }
    if (!json) throw malformed(`the part "${spec.json}" is missing; send it as JSON.`)
    return { json: json.value, files: Object.fromEntries(files) as Form<Name>['files'] }
  } catch (error) {
    // Nobody takes the parts that are still to come; the error handler reads and drops them.
    request.raw.unpipe()
    await staged.discard([...files.values()])
    throw error
  }
}

async function takeFile(
  part: MultipartFile,
  form: { spec: FormSpec; files: Map<string, StagedFile>; staged: StagedFiles },
): Promise<void> {
  const { spec, files, staged } = form
  const name = part.fieldname
  if (!spec.files.includes(name)) {
    throw malformed(`it has a file "${name}"; expected are ${spec.files.join(', ')}.`)
  }
  if (files.has(name)) throw malformed(`it has the file "${name}" twice.`)
  files.set(name, await staged.add(bytesOf(part), spec.format(part)))
}

/** The file of a part as it arrives. @throws AppError MALFORMED_MULTIPART when it breaks off */
export async function* bytesOf(part: MultipartFile): AsyncIterable<Uint8Array> {
  try {
    yield* part.file
  } catch (error) {
    throw broken(error)
  }
}

/** What a part holds. The plugin reads parts that say they are JSON; others hold the same as text. */
export function jsonOf(part: Exclude<Multipart, MultipartFile>): unknown {
  if (part.valueTruncated) {
    throw new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes: MAX_JSON_BODY_BYTES } })
  }
  if (typeof part.value !== 'string' || part.mimetype.startsWith('application/json')) return part.value
  const reader = new JsonReader(JSON_LIMITS)
  reader.write(Buffer.from(part.value))
  return reader.finish()
}

/** What went wrong while parts were read, as an answer. */
export function broken(error: unknown): AppError {
  if (error instanceof AppError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new AppError('MALFORMED_MULTIPART', {
    params: { reason: `${reason.replace(/\.$/, '')}.` },
    cause: error,
  })
}

/** The error for a form that is not what was expected; `reason` is the end of a sentence. */
export function malformed(reason: string): AppError {
  return new AppError('MALFORMED_MULTIPART', { params: { reason } })
}
