import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../../testing/test-server.ts'
import { openDatabase } from '../sqlite/open.ts'
import { pairWithDatabase } from './installation.ts'
import { systemIds } from './system.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.cleanUp())

async function pair(database: string, files: string): Promise<void> {
  const db = await openDatabase(join(folder.path, database))
  try {
    await pairWithDatabase(join(folder.path, files), db, systemIds)
  } finally {
    await db.destroy()
  }
}

test('a new pair belongs together from then on', async () => {
  await pair('a.sqlite', 'a')
  await pair('a.sqlite', 'a')
})

test('a new database beside files of another one is refused, so that they are not swept away', async () => {
  await pair('a.sqlite', 'a')
  await expect(pair('b.sqlite', 'a')).rejects.toThrow(/The database is new, but .* holds uploads/)
  await pair('b.sqlite', 'b')
  await expect(pair('a.sqlite', 'b')).rejects.toThrow(/belongs to another folder/)
})

test('an interrupted pairing is completed at the next start', async () => {
  await pair('a.sqlite', 'a')
  await writeFile(join(folder.path, 'a', 'installation.new'), 'half')
  await rm(join(folder.path, 'a', 'installation'))
  await pair('a.sqlite', 'a')
  await pair('a.sqlite', 'a')
})
