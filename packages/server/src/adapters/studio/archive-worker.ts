/** The program of the worker: reads the one archive that it was started with. */
import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../../domain/app-error.ts'
import { readArchive } from '../../domain/studio/archive/read-archive.ts'
import type { WorkerAnswer } from './worker-archive-reader.ts'

async function answer(): Promise<WorkerAnswer> {
  try {
    return { project: await readArchive(workerData as Uint8Array) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, message, errors } = error
    return { refused: { code, message, errors } }
  }
}

parentPort?.postMessage(await answer())
