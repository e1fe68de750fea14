/** Files that are on disk when the call resolves. A new name is on disk only after its folder was synced too. */
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Write a file so that after a crash it is either the old one or the new one, never a part. */
export async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  await writeSynced(temporary, content)
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

/** Write a file and sync its content. */
export async function writeSynced(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Sync the names in a folder. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
