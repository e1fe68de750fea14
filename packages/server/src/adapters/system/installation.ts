/**
 * Database and files belong together: at start, files that the database does not know are removed as leftovers. So a
 * database that is new or another one, next to a folder in use, would cost every upload. Both carry the same id, and a
 * server whose ids differ does not start.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Ids } from '../../domain/ports/system.ts'
import { StartError } from '../../start-error.ts'
import { makeFolder, writeSmallFile } from '../blobs/durable-fs.ts'
import type { Schema } from '../sqlite/schema.ts'

const MARK_FILE = 'installation'

/**
 * Check that the database and the folder of files carry the same id; a new pair is given one.
 *
 * @throws StartError when they do not belong together
 */
export async function pairWithDatabase(folder: string, db: Kysely<Schema>, ids: Ids): Promise<void> {
  await makeFolder(folder)
  const path = join(folder, MARK_FILE)
  const inFolder = await readMark(path)
  const inDatabase = (await db.selectFrom('installation').select('id').executeTakeFirst())?.id
  if (inFolder !== undefined && inFolder !== inDatabase) {
    const what = inDatabase === undefined ? 'The database is new' : 'The database belongs to another folder'
    throw new StartError(
      `${what}, but ${folder} holds uploads and fitted models of another database. ` +
        'Check POSTERIOR_DATA_DIR, POSTERIOR_DATABASE_URL and POSTERIOR_BLOB_URL.',
    )
  }
  if (inFolder !== undefined) return
  const id = inDatabase ?? ids.newId()
  // The database first: after a kill in between, the next start finds a folder without a mark and mends it.
  if (inDatabase === undefined) await db.insertInto('installation').values({ id }).execute()
  await writeSmallFile(path, `${id}\n`)
}

async function readMark(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
