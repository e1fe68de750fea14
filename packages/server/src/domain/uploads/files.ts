/** The files of an upload for those who read them: complete, no longer changeable, each in one piece. */
import { AppError } from '../app-error.ts'
import type { BlobStore, FileRole } from '../ports/blobs.ts'
import type { TableFile } from '../ports/predictor.ts'
import type { Upload, UploadFile, UploadKind, UploadPart, UploadStore } from '../ports/stores.ts'
import type { Ids } from '../ports/system.ts'
import { fileName } from './file-names.ts'
import { hashMismatch } from './receive.ts'

export class UploadFiles {
  readonly #uploads: UploadStore
  readonly #blobs: BlobStore
  readonly #ids: Ids
  /** Running calls, so that two readers of a new upload join its parts once. */
  readonly #opening = new Map<string, Promise<string>>()

  constructor(deps: { uploads: UploadStore; blobs: BlobStore; ids: Ids }) {
    this.#uploads = deps.uploads
    this.#blobs = deps.blobs
    this.#ids = deps.ids
  }

  /**
   * The upload, when it is complete.
   *
   * @throws AppError NOT_FOUND, UPLOAD_INCOMPLETE, UPLOAD_HASH_MISMATCH
   */
  async requireComplete(accountId: string, id: string, kind: UploadKind): Promise<Upload> {
    const upload = await this.#uploads.find(accountId, id, kind)
    const what = kind === 'train' ? `Training set upload ${id}` : `Test set upload ${id}`
    if (!upload) throw new AppError('NOT_FOUND', { params: { what } })
    for (const file of upload.files) if (file.state === 'open') throw await this.#incomplete(upload, file)
    return upload
  }

  /** Paths of the files of a complete upload; from now on its content cannot change. */
  async open(upload: Upload): Promise<Partial<Record<FileRole, TableFile>>> {
    const opened: Partial<Record<FileRole, TableFile>> = {}
    for (const file of upload.files) {
      // Asking again costs no write: predictions read the same test set many times.
      const settled = file.state === 'sealed' ? file.blobKey : null
      const key = settled ?? (await this.#wholeBlob(upload.id, file.role))
      opened[file.role] = { path: await this.#blobs.localPath(key), format: file.format }
    }
    return opened
  }

  async #incomplete(upload: Upload, file: UploadFile): Promise<AppError> {
    const name = fileName(upload.kind, file.role)
    if (file.hash !== null && file.declaredHash !== null)
      return hashMismatch(name, file.declaredHash, file.hash)
    const received = (await this.#uploads.parts(upload.id, file.role)).length
    const message = `${received} of ${file.partCount} parts arrived`
    const params = { file: name, received, expected: file.partCount }
    return new AppError('UPLOAD_INCOMPLETE', { params, errors: [{ field: name, message }] })
  }

  #wholeBlob(uploadId: string, role: FileRole): Promise<string> {
    const name = `${uploadId}/${role}`
    const running = this.#opening.get(name)
    if (running) return running
    const opening = this.#sealAndJoin(uploadId, role).finally(() => this.#opening.delete(name))
    this.#opening.set(name, opening)
    return opening
  }

  async #sealAndJoin(uploadId: string, role: FileRole): Promise<string> {
    const { file, parts } = await this.#seal(uploadId, role)
    return file.blobKey ?? (await this.#join(uploadId, role, parts))
  }

  #seal(uploadId: string, role: FileRole): Promise<{ file: UploadFile; parts: UploadPart[] }> {
    return this.#uploads.changeFile(uploadId, role, (file, parts) => {
      const { sizeBytes, hash, blobKey } = file
      return { file, parts, progress: { state: 'sealed' as const, sizeBytes, hash, blobKey } }
    })
  }

  async #join(uploadId: string, role: FileRole, parts: readonly UploadPart[]): Promise<string> {
    const partKeys = [...parts].sort((a, b) => a.index - b.index).map((part) => part.blobKey)
    const key = `uploads/${uploadId}/${role}-${this.#ids.newId()}`
    await this.#blobs.concatenate(key, partKeys)
    try {
      await this.#uploads.changeFile(uploadId, role, ({ state, sizeBytes, hash }) => ({
        progress: { state, sizeBytes, hash, blobKey: key },
      }))
    } catch (error) {
      // The upload was deleted meanwhile: nothing refers to what was joined.
      await this.#blobs.remove([key])
      throw error
    }
    await this.#blobs.remove(partKeys)
    return key
  }
}
