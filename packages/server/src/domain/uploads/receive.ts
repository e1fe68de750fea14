/**
 * The PUT of one part. Bytes go to a blob of their own first; the row that refers to it is written after the blob is on
 * disk, so a part is acknowledged only when it survives a power cut, and a kill at any moment leaves at most a blob that
 * nothing refers to.
 */
import { AppError } from '../app-error.ts'
import type { Limits } from '../limits.ts'
import type { BlobStore, UploadTarget, UploadUrls } from '../ports/blobs.ts'
import type { FileChange, Upload, UploadFile, UploadPart, UploadStore } from '../ports/stores.ts'
import type { Clock, Ids } from '../ports/system.ts'
import { ContentHasher } from './content-hasher.ts'
import { combineCrc32c, encodeCrc32c } from './crc32c.ts'
import { fileName, findFile } from './file-names.ts'

export interface ReceiveDeps {
  uploads: UploadStore
  blobs: BlobStore
  urls: UploadUrls
  clock: Clock
  ids: Ids
  limits: Limits
}

export interface IncomingPart {
  target: UploadTarget
  query: { expires: string; signature: string }
  body: AsyncIterable<Uint8Array>
  /** The Content-Length header, when there is one. */
  declaredBytes?: number
}

/** What `decide` answers beside the change: what to do with blobs, and a failure to report after storing. */
interface PartDecision extends FileChange {
  obsoleteBlobs: string[]
  failure?: AppError
}

export class UploadReceiver {
  readonly #deps: ReceiveDeps

  constructor(deps: ReceiveDeps) {
    this.#deps = deps
  }

  /**
   * Take the bytes of one part. A part may be sent again: the same bytes at any time, other bytes until the upload is
   * used.
   *
   * @returns the number of bytes received
   * @throws AppError INVALID_SIGNATURE, EXPIRED_SIGNATURE, NOT_FOUND, PAYLOAD_TOO_LARGE, UPLOAD_HASH_MISMATCH,
   *   UPLOAD_IN_USE, STORAGE_FULL; nothing of the part is kept then (after a hash mismatch in several parts, all are)
   */
  async receive({ target, query, body, declaredBytes }: IncomingPart): Promise<number> {
    const { uploads, blobs, ids } = this.#deps
    this.#checkUrl(target, query)
    const upload = await uploads.findForUrl(target.uploadId)
    const file = upload && findFile(upload.files, target.file)
    if (!file || target.part >= file.partCount) {
      throw new AppError('NOT_FOUND', { params: { what: `Upload ${target.uploadId}` } })
    }
    const room = await this.#roomFor(target)
    const { maxFileBytes } = this.#deps.limits
    const tooLarge = () => new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes: maxFileBytes } })
    if ((declaredBytes ?? 0) > room) throw tooLarge()

    const hasher = new ContentHasher()
    const blobKey = `uploads/${target.uploadId}/${target.file}-${target.part}-${ids.newId()}`
    await blobs.write(blobKey, body, (chunk) => {
      if (hasher.sizeBytes + chunk.length > room) throw tooLarge()
      hasher.update(chunk)
    })
    await this.#record(upload, target, { blobKey, ...hasher.finish() })
    return hasher.sizeBytes
  }

  /**
   * Take bytes that are on disk already for the one part of a file, for callers who proved otherwise than by a URL that
   * they may.
   *
   * @throws AppError as receive; the blob is removed then
   */
  async adopt(target: UploadTarget, part: Omit<UploadPart, 'index'>): Promise<void> {
    const upload = await this.#deps.uploads.findForUrl(target.uploadId)
    if (!upload) throw new AppError('NOT_FOUND', { params: { what: `Upload ${target.uploadId}` } })
    await this.#record(upload, target, part)
  }

  /** Write down that a part is there. */
  async #record(upload: Upload, target: UploadTarget, stored: Omit<UploadPart, 'index'>): Promise<void> {
    const { uploads, blobs, limits } = this.#deps
    const { blobKey, sizeBytes, crc32c, sha256 } = stored
    const part: UploadPart = { index: target.part, blobKey, sizeBytes, crc32c, sha256 }
    const name = fileName(upload.kind, target.file)
    let decision: PartDecision
    try {
      decision = await uploads.changeFile(target.uploadId, target.file, (file, parts) =>
        decide({ name, file, parts, part, maxFileBytes: limits.maxFileBytes }),
      )
    } catch (error) {
      await blobs.remove([blobKey])
      throw error
    }
    await blobs.remove(decision.obsoleteBlobs)
    if (decision.failure) throw decision.failure
  }

  #checkUrl(target: UploadTarget, query: { expires: string; signature: string }): void {
    const { urls, clock } = this.#deps
    const check = urls.verify(target, query, clock.now())
    if (check === 'invalid') throw new AppError('INVALID_SIGNATURE')
    if (check === 'expired') {
      const expiredAt = new Date(Number(query.expires) * 1000).toISOString()
      throw new AppError('EXPIRED_SIGNATURE', { params: { expiredAt } })
    }
  }

  /** Bytes that this part may have: the limit of a file less its other parts. */
  async #roomFor(target: UploadTarget): Promise<number> {
    const parts = await this.#deps.uploads.parts(target.uploadId, target.file)
    const others = parts.filter((part) => part.index !== target.part)
    return this.#deps.limits.maxFileBytes - totalBytes(others)
  }
}

/** What becomes of a file when `part` has arrived. Pure, because it runs inside the transaction. */
function decide(input: {
  name: string
  file: UploadFile
  parts: readonly UploadPart[]
  part: UploadPart
  maxFileBytes: number
}): PartDecision {
  const { name, file, part, maxFileBytes } = input
  const earlier = input.parts.find((other) => other.index === part.index)
  const isRepeat = earlier?.sha256 === part.sha256
  if (isRepeat && file.state !== 'open') return { obsoleteBlobs: [part.blobKey] }
  if (file.state === 'sealed') throw new AppError('UPLOAD_IN_USE')

  const parts = [...input.parts.filter((other) => other !== earlier), part].sort((a, b) => a.index - b.index)
  const sizeBytes = totalBytes(parts)
  if (sizeBytes > maxFileBytes)
    throw new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes: maxFileBytes } })
  const obsoleteBlobs = earlier ? [earlier.blobKey] : []
  const blobKey = file.partCount === 1 ? part.blobKey : null
  if (parts.length < file.partCount) {
    return { part, progress: { state: 'open', sizeBytes: null, hash: null, blobKey: null }, obsoleteBlobs }
  }
  const hash = encodeCrc32c(parts.reduce((crc, next) => combineCrc32c(crc, next.crc32c, next.sizeBytes), 0))
  if (file.declaredHash === null || hash === file.declaredHash) {
    return { part, progress: { state: 'complete', sizeBytes, hash, blobKey }, obsoleteBlobs }
  }
  const failure = hashMismatch(name, file.declaredHash, hash)
  // With one part the bytes are of no use, and a verified file is not given up for a damaged repeat. With several it
  // is unknown which part is wrong: keep them, so that sending one again can mend the file.
  if (file.partCount === 1 || file.state === 'complete') throw failure
  return { part, progress: { state: 'open', sizeBytes, hash, blobKey }, obsoleteBlobs, failure }
}

function totalBytes(parts: readonly UploadPart[]): number {
  return parts.reduce((sum, part) => sum + part.sizeBytes, 0)
}

/** The error for bytes that are not those that were declared; `name` is the wire name of the file. */
export function hashMismatch(name: string, expected: string, actual: string): AppError {
  const params = { file: name, expected, actual }
  const message = `CRC32C is ${actual}, declared was ${expected}`
  return new AppError('UPLOAD_HASH_MISMATCH', { params, errors: [{ field: name, message }] })
}
