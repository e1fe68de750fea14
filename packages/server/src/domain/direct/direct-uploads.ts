/**
 * Uploads whose bytes came with the request itself. They become uploads like any other, so that everything that is said
 * of uploads holds for them: limits, isolation, deletion, and that the same bytes are kept once.
 */
import type { FileInfo } from '@posterior/contracts'
import { AppError } from '../app-error.ts'
import { type Limits, trainTableLimits } from '../limits.ts'
import type { FileRole } from '../ports/blobs.ts'
import type { InlineTable } from '../ports/predictor.ts'
import type { UploadStore } from '../ports/stores.ts'
import type { TableFiles } from '../ports/tables.ts'
import { encodeCrc32c } from '../uploads/crc32c.ts'
import type { PreparedUpload, UploadPreparation } from '../uploads/prepare.ts'
import type { UploadReceiver } from '../uploads/receive.ts'
import { checkInlineTable } from './inline-table.ts'
import type { StagedFile, StagedFiles } from './staged-files.ts'

export interface DirectUploadDeps {
  uploads: UploadStore
  preparation: UploadPreparation
  receiver: UploadReceiver
  staged: StagedFiles
  tables: TableFiles
  limits: Limits
}

/** The files of an upload by their part in it. */
type Files = Partial<Record<FileRole, StagedFile>>

export class DirectUploads {
  readonly #deps: DirectUploadDeps

  constructor(deps: DirectUploadDeps) {
    this.#deps = deps
  }

  /**
   * Make a training set of staged files, which are used up whatever happens.
   *
   * @returns its id; of an earlier one when the account has the same bytes
   * @throws AppError
   */
  async train(
    accountId: string,
    files: { x: StagedFile; y: StagedFile },
    description?: string | null,
  ): Promise<string> {
    const request = { x_train_info: infoOf(files.x), y_train_info: infoOf(files.y), description }
    return this.#store(files, (force_reupload) =>
      this.#deps.preparation.train(accountId, { ...request, force_reupload }),
    )
  }

  /**
   * Make a training set of rows that stand in the request, called `rows` and `y` there.
   *
   * @throws AppError NO_ROWS, NO_COLUMNS, LIMIT_EXCEEDED, WRONG_COLUMNS, BAD_VALUE
   */
  async trainRows(
    accountId: string,
    { x, y }: { x: InlineTable; y: InlineTable },
    description?: string | null,
  ): Promise<string> {
    const limits = trainTableLimits(this.#deps.limits)
    checkInlineTable(x, 'rows', limits)
    checkInlineTable(y, 'y', limits)
    const features = await this.#stage(x, 'rows')
    try {
      return await this.train(accountId, { x: features, y: await this.#stage(y, 'y') }, description)
    } finally {
      await this.#deps.staged.discard([features])
    }
  }

  async #stage(table: InlineTable, field: string): Promise<StagedFile> {
    const { content, format } = this.#deps.tables.inline(table, field)
    return this.#deps.staged.add(content, format)
  }

  /**
   * Make a test set of a staged file, as `train` does.
   *
   * @throws AppError NOT_FOUND for an unknown fit
   */
  async test(accountId: string, fitId: string, x: StagedFile): Promise<string> {
    const request = { fitted_train_set_id: fitId, x_test_info: infoOf(x) }
    return this.#store({ x }, (force_reupload) =>
      this.#deps.preparation.test(accountId, { ...request, force_reupload }),
    )
  }

  async #store(files: Files, prepare: (force: boolean) => Promise<PreparedUpload>): Promise<string> {
    const { receiver, staged } = this.#deps
    try {
      const found = await this.#prepare(files, prepare)
      if (typeof found === 'string') return found
      for (const [role, file] of entries(files)) {
        // From here on the blob is the receiver's, which removes it when it fails.
        staged.release(file)
        await receiver.adopt({ uploadId: found.id, file: role, part: 0 }, file)
      }
      return found.id
    } finally {
      await staged.discard(Object.values(files))
    }
  }

  /** The id of an upload with the same bytes, or a new upload. */
  async #prepare(
    files: Files,
    prepare: (force: boolean) => Promise<PreparedUpload>,
  ): Promise<string | PreparedUpload> {
    try {
      return await prepare(false)
    } catch (error) {
      const id = duplicateOf(error)
      if (id === undefined) throw error
      return (await this.#isSame(id, files)) ? id : prepare(true)
    }
  }

  /** The hash that finds duplicates has 32 bits, and nobody checks it on this way but us. */
  async #isSame(uploadId: string, files: Files): Promise<boolean> {
    for (const [role, file] of entries(files)) {
      const parts = await this.#deps.uploads.parts(uploadId, role)
      if (parts.length !== 1 || parts[0]?.sha256 !== file.sha256) return false
    }
    return true
  }
}

function entries(files: Files): [FileRole, StagedFile][] {
  return Object.entries(files) as [FileRole, StagedFile][]
}

function infoOf({ format, crc32c, sizeBytes }: StagedFile): FileInfo {
  return { format, hash: encodeCrc32c(crc32c), size_bytes: sizeBytes }
}

function duplicateOf(error: unknown): string | undefined {
  if (!(error instanceof AppError)) return undefined
  const { train_set_upload_id: train, test_set_upload_id: test } = error.body
  const id = train ?? test
  return typeof id === 'string' ? id : undefined
}
