/**
 * One process per run. A trainer whose parent was killed saves its state and ends; the process that goes on with the run
 * waits for that, so that the two never write the same files.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { TrainingError } from './training-error.ts'

/** A step of the largest model and a save take less. */
const WAIT_MS = 60_000

/** Held until this process ends; the kernel frees the lock of a process that was killed. */
const held: DatabaseSync[] = []

/**
 * Make the folder of a run this process's own, for as long as it lives. Blocks while another process has it.
 *
 * @throws TrainingError when the other process keeps it
 */
export async function lockRun(folder: string, waitMs = WAIT_MS): Promise<void> {
  await mkdir(folder, { recursive: true })
  const lock = new DatabaseSync(join(folder, 'lock'), { timeout: waitMs })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw new TrainingError(`Another process trains in ${folder}; stop it, or wait for it.`, { cause })
  }
  held.push(lock)
}
