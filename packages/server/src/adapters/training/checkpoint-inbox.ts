/**
 * Takes checkpoints that were trained elsewhere. Their bytes are hostile until they are verified: they are bounded while they
 * arrive, unpacked into a folder of their own in a worker thread, one at a time, and written anew from what was read, so that
 * nothing of a path or a manifest that somebody else wrote is used.
 */
import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type ModelManifest, parameterSpecs } from '@posterior/model'
import { AppError } from '../../domain/app-error.ts'
import { makeFolder, syncPath } from '../blobs/durable-fs.ts'

/** Not the id of a run. */
export const INBOX = '.incoming'

/** Room for the manifest, the names of the weights and the archive around them. */
const SLACK_BYTES = 4_194_304

/** Longest time that a checkpoint is verified. */
const LIMIT_MS = 120_000

/** Manifest and header of the weights are read as text. */
const HEAP_MB = 256

type Facts = Omit<ModelManifest, 'format' | 'files'>

export interface CheckpointOrder {
  archive: string
  folder: string
  expected: Facts
  maxBytes: number
}

/** What the worker says at its end. */
export type CheckpointAnswer = { bytes: number } | { refused: string }

export class CheckpointInbox {
  readonly #runs: string
  #isClean: Promise<void> | undefined
  /** Ends when nothing is being verified. */
  #idle: Promise<unknown> = Promise.resolve()

  /** @param runs folder with a folder for each run */
  constructor(runs: string) {
    this.#runs = runs
  }

  /**
   * Verify the checkpoint in `archive`.
   *
   * @returns its size unpacked and the folder that it is in now, which belongs to the caller
   * @throws AppError CHECKPOINT_INVALID, PAYLOAD_TOO_LARGE, STORAGE_FULL
   */
  async take(
    run: string,
    archive: AsyncIterable<Uint8Array>,
    expected: Facts,
  ): Promise<{ bytes: number; folder: string }> {
    this.#isClean ??= rm(join(this.#runs, INBOX), { recursive: true, force: true })
    await this.#isClean
    const place = join(this.#runs, INBOX, randomUUID())
    await makeFolder(place)
    const order = { archive: join(place, 'archive'), folder: join(place, 'model'), expected }
    try {
      const maxBytes = weightBytes(expected) + SLACK_BYTES
      await writeBounded(order.archive, archive, maxBytes)
      const answer = await this.#verify({ ...order, maxBytes })
      if ('refused' in answer) throw refused(run, answer.refused)
      return { bytes: answer.bytes, folder: order.folder }
    } catch (error) {
      await rm(place, { recursive: true, force: true })
      throw error
    }
  }

  /** Put a verified checkpoint in the place of the run's model. */
  async place(run: string, folder: string): Promise<void> {
    const target = join(this.#runs, run, 'model')
    await makeFolder(join(this.#runs, run))
    await rm(target, { recursive: true, force: true })
    await rename(folder, target)
    await syncPath(join(this.#runs, run))
    await this.drop(folder)
  }

  /** Remove what is left of a checkpoint that was taken. */
  async drop(folder: string): Promise<void> {
    await rm(join(folder, '..'), { recursive: true, force: true })
  }

  async #verify(order: CheckpointOrder): Promise<CheckpointAnswer> {
    const before = this.#idle
    const verifying = (async () => {
      await before
      return runWorker(order)
    })()
    this.#idle = verifying.catch(() => {})
    return verifying
  }
}

function weightBytes({ architecture }: Facts): number {
  const sizes = parameterSpecs(architecture).map(({ shape }) => shape.reduce((a, b) => a * b, 4))
  return sizes.reduce((a, b) => a + b, 0)
}

async function writeBounded(path: string, source: AsyncIterable<Uint8Array>, limit: number): Promise<void> {
  const file = await open(path, 'wx')
  let bytes = 0
  try {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > limit) throw new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes: limit } })
      await file.appendFile(chunk)
    }
  } catch (error) {
    const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC'
    throw isFull ? new AppError('STORAGE_FULL', { cause: error }) : error
  } finally {
    await file.close()
  }
}

function runWorker(workerData: CheckpointOrder): Promise<CheckpointAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    })
    const timer = setTimeout(() => {
      void worker.terminate()
      resolve({ refused: 'it takes too long to read.' })
    }, LIMIT_MS)
    worker.once('message', resolve)
    worker.once('error', (error: Error & { code?: string }) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      if (isMemory) resolve({ refused: 'it takes too much memory to read.' })
      else reject(error)
    })
    worker.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the worker that reads checkpoints ended with code ${code} and said nothing`))
    })
  })
}

function refused(run: string, reason: string): AppError {
  const errors = [{ field: 'file', message: reason }]
  return new AppError('CHECKPOINT_INVALID', { params: { run, reason }, errors })
}
