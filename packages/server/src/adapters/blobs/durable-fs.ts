/** File operations that are on disk when they resolve. A new name is on disk only after its folder was synced too. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Sync a file or a folder. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Create a folder and its parents; every new name is synced in its parent.
 *
 * @returns whether it was created
 */
export async function makeFolder(path: string, mode = 0o777): Promise<boolean> {
  const firstNew = await mkdir(path, { recursive: true, mode })
  if (firstNew === undefined) return false
  for (let folder = path; folder !== dirname(firstNew); folder = dirname(folder)) {
    await syncPath(dirname(folder))
  }
  return true
}

/** Give a synced file its final name. */
export async function publishFile(temporary: string, path: string): Promise<void> {
  await rename(temporary, path)
  await syncPath(dirname(path))
}

/** Write a small file so that after a power cut it is there whole or not at all. */
export async function writeSmallFile(path: string, content: string, mode = 0o666): Promise<void> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await publishFile(temporary, path)
}

/** Remove a file or folder if it is there. */
export async function removePath(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

/** Paths of all files under a folder, relative to it, with `/`; empty when the folder is not there. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(emptyWhenMissing)
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

/** Names in a folder; empty when it is not there. */
export async function listNames(folder: string): Promise<string[]> {
  return readdir(folder).catch(emptyWhenMissing)
}

function emptyWhenMissing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return []
  throw error
}
