/** The models of a run on disk: the last one, and those of the steps before it that are kept. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MANIFEST_FILE, parseManifest, WEIGHTS_FILE } from '@posterior/model'
import type { CheckpointFiles, StoredCheckpoint } from '../../domain/ports/runs.ts'
import { listNames } from '../blobs/durable-fs.ts'

/** As the trainer names them. */
const CHECKPOINTS_FOLDER = 'checkpoints'
const LAST = 'model'

type Found = Omit<StoredCheckpoint, 'isLast'>

/** Those of the run in `folder`, by step. */
export async function listCheckpoints(folder: string): Promise<StoredCheckpoint[]> {
  const last = await describe(join(folder, LAST))
  const names = (await listNames(join(folder, CHECKPOINTS_FOLDER))).filter((name) => /^\d+$/.test(name))
  const kept = await Promise.all(names.map((name) => describe(join(folder, CHECKPOINTS_FOLDER, name))))
  const others = kept.filter((each) => each !== undefined && each.step !== last?.step) as Found[]
  return [
    ...others.map((each) => ({ ...each, isLast: false })),
    ...(last ? [{ ...last, isLast: true }] : []),
  ].sort((a, b) => a.step - b.step)
}

/** Files of the one of a step; undefined when it is not there, or not any more. */
export async function findCheckpoint(folder: string, step: number): Promise<CheckpointFiles | undefined> {
  const last = await describe(join(folder, LAST))
  const place = last?.step === step ? join(folder, LAST) : join(folder, CHECKPOINTS_FOLDER, String(step))
  return readCheckpoint(place)
}

/** The files in a folder; undefined when they are not there. */
export async function readCheckpoint(folder: string): Promise<CheckpointFiles | undefined> {
  const files = [MANIFEST_FILE, WEIGHTS_FILE].map((name) => readFile(join(folder, name)))
  const found = await unlessMissing(Promise.all(files))
  return found && { manifest: found[0]!, weights: found[1]! }
}

async function describe(folder: string): Promise<Found | undefined> {
  const path = join(folder, MANIFEST_FILE)
  const [text, about] = (await unlessMissing(Promise.all([readFile(path, 'utf8'), stat(path)]))) ?? []
  if (text === undefined || about === undefined) return undefined
  const { training, files } = parseManifest(JSON.parse(text))
  const { bytes, sha256 } = files[WEIGHTS_FILE]!
  return { step: Number(training['steps'] ?? 0), savedAt: Math.round(about.mtimeMs), sha256, bytes }
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
