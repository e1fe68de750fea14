/** The program of the worker: reads the one archive that it was started with. */
import { parentPort, workerData } from 'node:worker_threads'
import { ProjectError, readArchive } from '@posterior/project'
import type { WorkerAnswer } from './worker-archive-reader.ts'

async function answer(): Promise<WorkerAnswer> {
  try {
    return { project: await readArchive(workerData as Uint8Array) }
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error
    const { kind, message, errors } = error
    return { refused: { kind, message, errors } }
  }
}

parentPort?.postMessage(await answer())
