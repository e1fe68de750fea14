/**
 * The files of datasets. Each is kept once under the hash of its bytes, whoever has it: versions, projects and archives may
 * hold the same table. A file goes when no version of any project has it any more; looking for such files and adding versions
 * take turns, so that nothing is removed that is just being added.
 */
import { formatOfFile, MAX_DATASET_BYTES } from '@posterior/contracts'
import { AppError } from '../../app-error.ts'
import type { StagedFile, StagedFiles } from '../../direct/staged-files.ts'
import type { BlobStore } from '../../ports/blobs.ts'
import type { ArtefactStore } from '../../ports/studio.ts'

export interface StoredTablesDeps {
  blobs: BlobStore
  artefacts: Pick<ArtefactStore, 'tableHashes'>
  staged: StagedFiles
}

const FOLDER = 'datasets'

/** Where the file with this hash is among the blobs. */
export function tableKey(sha256: string): string {
  return `${FOLDER}/${sha256}`
}

export class StoredTables {
  readonly #deps: StoredTablesDeps
  /** Ends when nobody is adding or removing. */
  #idle: Promise<unknown> = Promise.resolve()

  constructor(deps: StoredTablesDeps) {
    this.#deps = deps
  }

  /** Take a file that belongs to no version yet. @throws AppError PAYLOAD_TOO_LARGE, STORAGE_FULL */
  stage(source: AsyncIterable<Uint8Array>, filename: string): Promise<StagedFile> {
    return this.#deps.staged.add(limited(source), formatOfFile(filename))
  }

  path(file: StagedFile): Promise<string> {
    return this.#deps.staged.path(file)
  }

  async discard(files: readonly StagedFile[]): Promise<void> {
    await this.#deps.staged.discard(files)
  }

  /** Put files in their place and then `add` the versions that have them; when that fails, they go again. */
  async keep<T>(files: readonly StagedFile[], add: () => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      try {
        for (const file of files) await this.#place(file)
        return await add()
      } catch (error) {
        await this.#removeOrphans()
        throw error
      }
    })
  }

  /** The bytes of a file, read as they are asked for. */
  read(sha256: string): AsyncIterable<Uint8Array> {
    return this.#deps.blobs.read([tableKey(sha256)])
  }

  exists(sha256: string): Promise<boolean> {
    return this.#deps.blobs.exists(tableKey(sha256))
  }

  /** The bytes of a file; undefined when it is gone. */
  async bytes(sha256: string): Promise<Uint8Array | undefined> {
    const chunks: Uint8Array[] = []
    try {
      for await (const chunk of this.read(sha256)) chunks.push(chunk)
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return undefined
      throw error
    }
    return Buffer.concat(chunks)
  }

  /** Remove the files that no version has: after datasets, projects or accounts were deleted. */
  async removeOrphans(): Promise<void> {
    await this.#alone(() => this.#removeOrphans())
  }

  async #place(file: StagedFile): Promise<void> {
    const { blobs } = this.#deps
    const key = tableKey(file.sha256)
    if (!(await blobs.exists(key))) await blobs.concatenate(key, [file.blobKey])
  }

  async #removeOrphans(): Promise<void> {
    const { blobs, artefacts } = this.#deps
    const known = new Set((await artefacts.tableHashes()).map(tableKey))
    await blobs.remove((await blobs.list(FOLDER)).filter((key) => !known.has(key)))
  }

  #alone<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#idle.then(act)
    this.#idle = turn.catch(() => {})
    return turn
  }
}

async function* limited(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > MAX_DATASET_BYTES) {
      throw new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes: MAX_DATASET_BYTES } })
    }
    yield chunk
  }
}
