/**
 * Blobs as files in one folder. A blob is written under a temporary name, synced, renamed, and its folder synced: a
 * name that exists is a whole file. What is left under the temporary folder after a kill is removed at start.
 */
import { createReadStream } from 'node:fs'
import { access, type FileHandle, open, rmdir } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { AppError } from '../../domain/app-error.ts'
import type { BlobStore } from '../../domain/ports/blobs.ts'
import type { Ids } from '../../domain/ports/system.ts'
import { listFiles, makeFolder, publishFile, removePath } from './durable-fs.ts'

export class FolderBlobStore implements BlobStore {
  readonly #root: string
  readonly #temporary: string
  readonly #ids: Ids

  private constructor(root: string, ids: Ids) {
    this.#root = join(root, 'blobs')
    this.#temporary = join(root, 'tmp')
    this.#ids = ids
  }

  /** The store in `root`, which is created when missing; temporary files of an earlier run are removed. */
  static async open(root: string, ids: Ids): Promise<FolderBlobStore> {
    const store = new FolderBlobStore(resolve(root), ids)
    await removePath(store.#temporary)
    await makeFolder(store.#temporary)
    await makeFolder(store.#root)
    return store
  }

  async write(
    key: string,
    source: AsyncIterable<Uint8Array>,
    onChunk?: (chunk: Uint8Array) => void,
  ): Promise<void> {
    const path = this.#path(key)
    const temporary = join(this.#temporary, this.#ids.newId())
    try {
      const file = await open(temporary, 'wx')
      try {
        for await (const chunk of source) {
          onChunk?.(chunk)
          await writeAll(file, chunk)
        }
        await file.sync()
      } finally {
        await file.close()
      }
      await publish(temporary, path)
    } catch (error) {
      await removePath(temporary)
      throw translate(error)
    }
  }

  async concatenate(key: string, parts: readonly string[]): Promise<void> {
    await this.write(key, this.read(parts))
  }

  read(keys: readonly string[]): AsyncIterable<Uint8Array> {
    return readAll(keys.map((key) => this.#path(key)))
  }

  async localPath(key: string): Promise<string> {
    return this.#path(key)
  }

  async exists(key: string): Promise<boolean> {
    return access(this.#path(key)).then(
      () => true,
      () => false,
    )
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const path = this.#path(key)
      await removePath(path)
      // A folder that has become empty goes too; one that is not, or that is gone, stays as it is.
      if (dirname(path) !== this.#root) await rmdir(dirname(path)).catch(() => undefined)
    }
  }

  async list(folder = ''): Promise<string[]> {
    const prefix = folder === '' ? '' : `${folder}/`
    const files = await listFiles(join(this.#root, folder))
    return files.map((file) => prefix + file.split(sep).join('/'))
  }

  #path(key: string): string {
    if (!/^[\w-]+(\/[\w.-]+)*$/.test(key) || key.includes('..')) throw new Error(`not a blob key: ${key}`)
    return join(this.#root, key)
  }
}

/** Times that a folder may be removed, as empty, between its creation and the rename into it. */
const MAX_PUBLISH_TRIES = 5

async function publish(temporary: string, path: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    await makeFolder(dirname(path))
    try {
      return await publishFile(temporary, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === MAX_PUBLISH_TRIES) throw error
    }
  }
}

/** Large pieces are read, so that joining costs few trips to the thread pool. */
const READ_BYTES = 1_048_576

async function* readAll(paths: readonly string[]): AsyncIterable<Uint8Array> {
  for (const path of paths) yield* createReadStream(path, { highWaterMark: READ_BYTES })
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, written)
    written += bytesWritten
  }
}

function translate(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOSPC' || code === 'EDQUOT' ? new AppError('STORAGE_FULL', { cause: error }) : error
}
