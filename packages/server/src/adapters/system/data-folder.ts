/**
 * The data folder and its lock. Two servers on one folder would each sweep away what the other is writing; a kernel
 * lock on a small SQLite file refuses the second one and is free at once when the first is killed.
 */
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FolderInUseError } from '../../start-error.ts'
import { makeFolder } from '../blobs/durable-fs.ts'

export interface DataFolder {
  path: string
  /** Let another process have the folder. */
  release(): void
}

/**
 * Create the folder when missing, for its owner alone, and lock it.
 *
 * @throws FolderInUseError when another process has it
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const path = resolve(folder)
  await makeFolder(path, 0o700)
  const lock = new DatabaseSync(join(path, 'lock'), { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw new FolderInUseError(
      `The data folder ${path} is used by another Posterior server. Stop it, or set POSTERIOR_DATA_DIR to another folder.`,
      { cause: error },
    )
  }
  return { path, release: () => lock.close() }
}
