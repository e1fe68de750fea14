import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStorage, type Storage } from '../storage.ts'
import { accountOf, tokenOf } from '../testing/account-rows.ts'
import { temporaryFolder } from '../testing/test-server.ts'
import type { Upload } from './ports/stores.ts'
import { type SweepDeps, sweepAbandonedUploads, sweepAtStart } from './sweep.ts'

const HOUR = 3_600_000
const log = { info: () => {}, warn: () => {}, error: () => {} }
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let storage: Storage
let deps: SweepDeps
let now = 0

beforeEach(async () => {
  folder = await temporaryFolder()
  storage = await openStorage({ dataDir: folder.path })
  now = 0
  deps = { ...storage, ...storage.stores, clock: { now: () => now }, log }
  await storage.stores.accounts.insert(accountOf('alice'), { passwordHash: null, token: tokenOf('t') })
})
afterEach(async () => {
  await storage.close()
  await folder.cleanUp()
})

/** An upload of one file in two parts, of which the first has arrived. */
async function halfUpload(id: string, expiresAt: number): Promise<string> {
  const blobKey = `uploads/${id}/x-0-part`
  await storage.blobs.write(blobKey, bytes('half'))
  const file = { role: 'x', format: 'csv', declaredHash: null, declaredSize: null, partCount: 2 } as const
  const upload: Upload = {
    id,
    accountId: 'alice',
    kind: 'test',
    fittedTrainSetId: null,
    description: null,
    createdAt: 0,
    expiresAt,
    files: [{ ...file, state: 'open', sizeBytes: null, hash: null, blobKey: null }],
  }
  await storage.stores.uploads.insert(upload)
  const part = { index: 0, sizeBytes: 4, crc32c: 1, sha256: 'x', blobKey }
  await storage.stores.uploads.changeFile(id, 'x', () => ({ part }))
  return blobKey
}

async function* bytes(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text)
}

test('an upload that was never finished goes with its files, long after its URLs expired', async () => {
  const early = await halfUpload('early', 0)
  const late = await halfUpload('late', 10 * HOUR)
  now = 2 * HOUR
  expect(await sweepAbandonedUploads(deps)).toEqual({ abandonedUploads: 0 })
  now = 4 * HOUR
  expect(await sweepAbandonedUploads(deps)).toEqual({ abandonedUploads: 1 })
  expect(await storage.blobs.exists(early)).toBe(false)
  expect(await storage.blobs.exists(late)).toBe(true)
  expect(await storage.stores.uploads.findForUrl('early')).toBeUndefined()
})

test('at start, what nothing refers to is removed and what is referred to stays', async () => {
  const kept = await halfUpload('kept', HOUR)
  await storage.blobs.write('uploads/kept/x-1-orphan', bytes('orphan'))
  await storage.blobs.write('uploads/gone/x-0-orphan', bytes('orphan'))
  for (const name of ['unknown-fit', 'unknown-fit.123.tmp']) {
    await mkdir(join(folder.path, 'contexts', name))
    await writeFile(join(folder.path, 'contexts', name, 'context.json'), '{}')
  }
  const report = await sweepAtStart(deps)
  expect(report).toEqual({
    interruptedFits: 0,
    releasedCharges: 0,
    abandonedUploads: 0,
    orphanBlobs: 2,
    orphanContexts: 2,
  })
  expect(await storage.blobs.list()).toEqual([kept])
  expect(await readdir(join(folder.path, 'blobs', 'uploads'))).toEqual(['kept'])
  expect(await storage.contexts.list()).toEqual([])
})
