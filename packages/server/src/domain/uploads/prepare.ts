/** First step of an upload: remember what will come and hand out the URLs to send it to. */
import {
  type FileInfo,
  MAX_UPLOAD_PARTS,
  type PrepareTestSetUploadRequest,
  type PrepareTrainSetUploadRequest,
} from '@posterior/contracts'
import { AppError, invalidField } from '../app-error.ts'
import type { Limits } from '../limits.ts'
import type { Metering } from '../metering/metering.ts'
import type { BlobStore, FileRole, UploadUrls } from '../ports/blobs.ts'
import type { FileIdentity, FitStore, Upload, UploadFile, UploadKind, UploadStore } from '../ports/stores.ts'
import type { Clock, Ids } from '../ports/system.ts'

/** Parts of a chunked file whose size was not declared. */
const PARTS_OF_UNKNOWN_SIZE = 8

export interface PrepareDeps {
  uploads: UploadStore
  fits: FitStore
  blobs: BlobStore
  urls: UploadUrls
  clock: Clock
  ids: Ids
  metering: Metering
  limits: Limits
  /** How long a signed URL works. */
  urlLifetimeMs: number
  /** Size to aim at for one part of a chunked file. */
  chunkBytes: number
}

/** URLs of one file, in the order of its parts. */
export interface PreparedFile {
  urls: string[]
  /** Milliseconds since 1970. */
  expiresAt: number
}

export interface PreparedUpload {
  id: string
  files: Partial<Record<FileRole, PreparedFile>>
}

export class UploadPreparation {
  readonly #deps: PrepareDeps

  constructor(deps: PrepareDeps) {
    this.#deps = deps
  }

  /** @throws AppError DUPLICATE_TRAIN_SET_UPLOAD when the same bytes are already there */
  async train(accountId: string, request: PrepareTrainSetUploadRequest): Promise<PreparedUpload> {
    const { x_train_info: x, y_train_info: y } = request
    this.#checkSize('x_train_info', x)
    this.#checkSize('y_train_info', y)
    const [xIdentity, yIdentity] = [identityOf(x), identityOf(y)]
    if (xIdentity && yIdentity && !request.force_reupload) {
      const found = await this.#deps.uploads.findDuplicateTrain(accountId, xIdentity, yIdentity)
      const id = await this.#firstPresent(found)
      if (id) {
        const body = { train_set_upload_id: id }
        throw new AppError('DUPLICATE_TRAIN_SET_UPLOAD', { params: { id }, body })
      }
    }
    return this.#create(accountId, 'train', { x, y }, { description: request.description ?? null })
  }

  /**
   * @param startsOver the next prediction of these rows is a new one: clients prepare them before every prediction, and
   *   not before they send one again
   * @throws AppError NOT_FOUND for an unknown fit, DUPLICATE_TEST_SET_UPLOAD when the same bytes are already there
   */
  async test(
    accountId: string,
    request: PrepareTestSetUploadRequest,
    { startsOver = false } = {},
  ): Promise<PreparedUpload> {
    const { fitted_train_set_id: fitId, x_test_info: x } = request
    this.#checkSize('x_test_info', x)
    const fit = await this.#deps.fits.find(accountId, fitId)
    if (!fit) throw new AppError('NOT_FOUND', { params: { what: `Fitted model ${fitId}` } })
    const identity = identityOf(x)
    if (identity && !request.force_reupload) {
      const id = await this.#firstPresent(
        await this.#deps.uploads.findDuplicateTest(accountId, fitId, identity),
      )
      if (id) {
        if (startsOver) await this.#deps.metering.renew(accountId, id)
        const body = { test_set_upload_id: id }
        throw new AppError('DUPLICATE_TEST_SET_UPLOAD', { params: { id }, body })
      }
    }
    return this.#create(accountId, 'test', { x }, { fittedTrainSetId: fitId })
  }

  #checkSize(field: string, info: FileInfo): void {
    const { maxFileBytes } = this.#deps.limits
    if ((info.size_bytes ?? 0) <= maxFileBytes) return
    throw invalidField(
      `${field}.size_bytes`,
      `is ${info.size_bytes}; the limit for a file is ${maxFileBytes} bytes`,
    )
  }

  /** The first of the uploads whose bytes are still there: a caller who is told "duplicate" will not send them again. */
  async #firstPresent(uploads: readonly Upload[]): Promise<string | undefined> {
    for (const upload of uploads) {
      const keys = await Promise.all(upload.files.map((file) => this.#blobKeys(upload.id, file)))
      const present = await Promise.all(keys.flat().map((key) => this.#deps.blobs.exists(key)))
      if (present.every(Boolean)) return upload.id
    }
    return undefined
  }

  async #blobKeys(uploadId: string, file: UploadFile): Promise<string[]> {
    if (file.blobKey) return [file.blobKey]
    return (await this.#deps.uploads.parts(uploadId, file.role)).map((part) => part.blobKey)
  }

  async #create(
    accountId: string,
    kind: UploadKind,
    infos: Partial<Record<FileRole, FileInfo>>,
    extra: { description?: string | null; fittedTrainSetId?: string },
  ): Promise<PreparedUpload> {
    const { clock, ids, urls, urlLifetimeMs } = this.#deps
    const now = clock.now()
    const expiresAt = now + urlLifetimeMs
    const files = Object.entries(infos).map(([role, info]) => this.#newFile(role as FileRole, info))
    const upload: Upload = {
      id: ids.newId(),
      accountId,
      kind,
      fittedTrainSetId: extra.fittedTrainSetId ?? null,
      description: extra.description ?? null,
      createdAt: now,
      expiresAt,
      files,
    }
    await this.#deps.uploads.insert(upload)
    const prepared: PreparedUpload = { id: upload.id, files: {} }
    for (const { role, partCount } of files) {
      const parts = Array.from({ length: partCount }, (_, part) => ({
        uploadId: upload.id,
        file: role,
        part,
      }))
      prepared.files[role] = { urls: parts.map((target) => urls.sign(target, expiresAt)), expiresAt }
    }
    return prepared
  }

  #newFile(role: FileRole, info: FileInfo): UploadFile {
    return {
      role,
      format: info.format,
      declaredHash: info.hash ?? null,
      declaredSize: info.size_bytes ?? null,
      partCount: this.#partCount(info),
      state: 'open',
      sizeBytes: null,
      hash: null,
      blobKey: null,
    }
  }

  /** One part unless the caller can split: plain programs PUT the whole file to the first URL. */
  #partCount(info: FileInfo): number {
    if (!info.use_chunks) return 1
    if (info.size_bytes == null) return PARTS_OF_UNKNOWN_SIZE
    return Math.min(MAX_UPLOAD_PARTS, Math.max(1, Math.ceil(info.size_bytes / this.#deps.chunkBytes)))
  }
}

/** What identifies the bytes; undefined without hash or size, when no duplicate may be reported. */
function identityOf(info: FileInfo): FileIdentity | undefined {
  if (info.hash == null || info.size_bytes == null) return undefined
  return { hash: info.hash, sizeBytes: info.size_bytes, format: info.format }
}
