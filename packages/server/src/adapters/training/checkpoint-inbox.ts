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
import type { TrainingConfig } from '@posterior/training'
import { AppError } from '../../domain/app-error.ts'
import { listNames, makeFolder, syncPath } from '../blobs/durable-fs.ts'

/** Not the id of a run. */
export const INBOX = '.incoming'

/** As the trainer names it. */
const RUN_FILE = 'run.json'

/** Room for the manifest, the names of the weights and the archive around them. */
const SLACK_BYTES = 4_194_304

/** Longest time that a checkpoint is verified. */
const LIMIT_MS = 120_000

/** Manifest and header of the weights are read as text. */
const HEAP_MB = 256

/** Parts of a tar archive that are none of its files' bytes, for a few files. */
const TAR_BYTES = 16_384

type Facts = Omit<ModelManifest, 'format' | 'files'>

/** A model by what its manifest must say, or the state of a run by its configuration. */
type Expected = { kind: 'model'; facts: Facts } | { kind: 'state'; config: TrainingConfig }

export interface CheckpointOrder {
  archive: string
  folder: string
  expected: Expected
  maxBytes: number
}

/** What the worker says at its end; `step` of a state. */
export type CheckpointAnswer = { bytes: number; step: number } | { refused: string }

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
    facts: Facts,
  ): Promise<{ bytes: number; folder: string }> {
    const maxBytes = weightBytes(facts) + SLACK_BYTES
    return this.#take(run, archive, { expected: { kind: 'model', facts }, maxBytes })
  }

  /**
   * Verify the saved state of a run in `archive`, and make of it the folder that the run goes on from.
   *
   * @param stateBytes most bytes of its files
   * @throws AppError CHECKPOINT_INVALID, PAYLOAD_TOO_LARGE, STORAGE_FULL
   */
  async takeState(
    run: string,
    archive: AsyncIterable<Uint8Array>,
    { config, stateBytes }: { config: TrainingConfig; stateBytes: number },
  ): Promise<{ bytes: number; step: number; folder: string }> {
    const maxBytes = stateBytes + TAR_BYTES
    return this.#take(run, archive, { expected: { kind: 'state', config }, maxBytes })
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

  /**
   * Put a verified state in the place of the one that the run has. A crash on the way leaves one or the other: `run.json`,
   * which says which vectors count, comes last.
   */
  async placeState(run: string, folder: string): Promise<void> {
    const target = join(this.#runs, run)
    await makeFolder(target)
    const [isRun, others] = [(name: string) => name === RUN_FILE, await listNames(folder)]
    const before = (await listNames(target)).filter((name) => name.startsWith('state-'))
    await rm(join(target, 'model'), { recursive: true, force: true })
    for (const name of [...others.filter((each) => !isRun(each)), RUN_FILE]) {
      await rename(join(folder, name), join(target, name))
    }
    await syncPath(target)
    for (const name of before) {
      if (!others.includes(name)) await rm(join(target, name), { force: true })
    }
    await this.drop(folder)
  }

  /** Remove what is left of a checkpoint that was taken. */
  async drop(folder: string): Promise<void> {
    await rm(join(folder, '..'), { recursive: true, force: true })
  }

  async #take(
    run: string,
    archive: AsyncIterable<Uint8Array>,
    wanted: Pick<CheckpointOrder, 'expected' | 'maxBytes'>,
  ): Promise<{ bytes: number; step: number; folder: string }> {
    this.#isClean ??= rm(join(this.#runs, INBOX), { recursive: true, force: true })
    await this.#isClean
    const place = join(this.#runs, INBOX, randomUUID())
    await makeFolder(place)
    const order = { ...wanted, archive: join(place, 'archive'), folder: join(place, 'taken') }
    try {
      await writeBounded(order.archive, archive, wanted.maxBytes)
      const answer = await this.#verify(order)
      if ('refused' in answer) throw refused(run, answer.refused)
      return { ...answer, folder: order.folder }
    } catch (error) {
      await rm(place, { recursive: true, force: true })
      throw error
    }
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
