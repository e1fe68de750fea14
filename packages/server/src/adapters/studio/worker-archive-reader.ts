import { Worker } from 'node:worker_threads'
import type { FieldError } from '@posterior/contracts'
import type { ProjectError, ReadProject } from '@posterior/project'
import { AppError } from '../../domain/app-error.ts'
import type { ArchiveReader } from '../../domain/ports/archives.ts'
import { invalidArchive } from '../../domain/studio/archive/archives.ts'

/** Longest time that an archive is read. */
const LIMIT_MS = 120_000

/** An archive unpacks to 32 MiB, of which YAML takes some tens of times its size while it is read. */
const HEAP_MB = 512

/** What the worker says at its end. */
export type WorkerAnswer =
  | { project: ReadProject }
  | { refused: { kind: ProjectError['kind']; message: string; errors: readonly FieldError[] } }

/** Reads archives in a worker thread, one at a time, so that requests are answered meanwhile. */
export class WorkerArchiveReader implements ArchiveReader {
  /** Ends when no archive is being read. */
  #idle: Promise<unknown> = Promise.resolve()

  async read(archive: Uint8Array): Promise<ReadProject> {
    const before = this.#idle
    const reading = (async () => {
      await before
      return resultOf(await runWorker(archive))
    })()
    this.#idle = reading.catch(() => {})
    return reading
  }
}

function resultOf(answer: WorkerAnswer): ReadProject {
  if ('project' in answer) return answer.project
  const { kind, message, errors } = answer.refused
  throw kind === 'archive'
    ? invalidArchive(message)
    : new AppError('REQUEST_VALIDATION_ERROR', { message, errors })
}

function runWorker(archive: Uint8Array): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./archive-worker.ts', import.meta.url), {
      workerData: archive,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    })
    const timer = setTimeout(() => {
      void worker.terminate()
      reject(invalidArchive('it takes too long to read.'))
    }, LIMIT_MS)
    worker.once('message', resolve)
    worker.once('error', (error: Error & { code?: string }) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      reject(isMemory ? invalidArchive('it takes too much memory to read.') : error)
    })
    worker.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the worker that reads archives ended with code ${code} and said nothing`))
    })
  })
}
