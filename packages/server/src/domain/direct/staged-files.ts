/** Files that came with a request and do not belong to an upload yet: on disk, measured, and nobody refers to them. */
import type { FileFormat } from '@posterior/contracts'
import { AppError } from '../app-error.ts'
import type { BlobStore } from '../ports/blobs.ts'
import type { UploadPart } from '../ports/stores.ts'
import type { Ids } from '../ports/system.ts'
import { ContentHasher } from '../uploads/content-hasher.ts'

/** A file with what identifies its bytes. */
export interface StagedFile extends Omit<UploadPart, 'index'> {
  format: FileFormat
}

export class StagedFiles {
  readonly #blobs: BlobStore
  readonly #ids: Ids
  readonly #maxFileBytes: number
  /** Keys of the files that nobody has taken over. */
  readonly #held = new Set<string>()

  constructor(deps: { blobs: BlobStore; ids: Ids; maxFileBytes: number }) {
    this.#blobs = deps.blobs
    this.#ids = deps.ids
    this.#maxFileBytes = deps.maxFileBytes
  }

  /** @throws AppError PAYLOAD_TOO_LARGE, STORAGE_FULL, and what `source` throws; nothing is kept then */
  async add(source: AsyncIterable<Uint8Array>, format: FileFormat): Promise<StagedFile> {
    const blobKey = `uploads/staged-${this.#ids.newId()}/file`
    const hasher = new ContentHasher()
    const limitBytes = this.#maxFileBytes
    await this.#blobs.write(blobKey, source, (chunk) => {
      if (hasher.sizeBytes + chunk.length > limitBytes) {
        throw new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes } })
      }
      hasher.update(chunk)
    })
    this.#held.add(blobKey)
    return { blobKey, format, ...hasher.finish() }
  }

  /** Where the file can be read. */
  path(file: StagedFile): Promise<string> {
    return this.#blobs.localPath(file.blobKey)
  }

  /** The file belongs to an upload from now on: `discard` leaves it alone. */
  release(file: StagedFile): void {
    this.#held.delete(file.blobKey)
  }

  /** Remove those of the files that are still staged. */
  async discard(files: readonly StagedFile[]): Promise<void> {
    const keys = files.map((file) => file.blobKey).filter((key) => this.#held.delete(key))
    await this.#blobs.remove(keys)
  }
}
