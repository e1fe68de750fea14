/** What every implementation of the stores has to do. */

import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fit, Stores, Upload, UploadFile, UploadPart } from '../../domain/ports/stores.ts'
import { accountOf, tokenOf } from '../../testing/account-rows.ts'
import { temporaryFolder } from '../../testing/test-server.ts'
import { openDatabase } from './open.ts'
import { sqliteStores } from './stores.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let db: Awaited<ReturnType<typeof openDatabase>>
let stores: Stores

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase(join(folder.path, 'test.sqlite'))
  stores = sqliteStores(db)
  for (const id of ['alice', 'bob']) {
    await stores.accounts.insert(accountOf(id), { passwordHash: null, token: tokenOf(`token-${id}`) })
  }
})
afterEach(async () => {
  await db.destroy()
  await folder.cleanUp()
})

function fileOf(role: 'x' | 'y', change: Partial<UploadFile> = {}): UploadFile {
  return {
    role,
    format: 'csv',
    declaredHash: null,
    declaredSize: null,
    partCount: 1,
    state: 'open',
    sizeBytes: null,
    hash: null,
    blobKey: null,
    ...change,
  }
}

function uploadOf(id: string, change: Partial<Upload> = {}): Upload {
  return {
    id,
    accountId: 'alice',
    kind: 'train',
    fittedTrainSetId: null,
    description: 'some text',
    createdAt: 1_700_000_000_000,
    expiresAt: 1_700_000_060_000,
    files: [fileOf('x'), fileOf('y')],
    ...change,
  }
}

function fitOf(id: string, change: Partial<Fit> = {}): Fit {
  return {
    id,
    accountId: 'alice',
    trainSetUploadId: 'u',
    task: 'classification',
    config: { n_estimators: 3, device: ['cpu'] },
    thinking: { effort: 'high', seconds: 60, metric: 'mcc', minRows: 500 },
    fingerprint: 'print',
    model: 'm',
    status: 'pending',
    trainRows: null,
    columns: null,
    classes: null,
    errorCode: null,
    errorMessage: null,
    createdAt: 1_700_000_000_000,
    completedAt: null,
    ...change,
  }
}

const part = (index: number, change: Partial<UploadPart> = {}): UploadPart => ({
  index,
  sizeBytes: 5_000_000_000,
  crc32c: 4_294_967_295,
  sha256: 'ab',
  blobKey: `key-${index}`,
  ...change,
})

describe('uploads', () => {
  test('come back as they were stored, to their own account and kind only', async () => {
    const upload = uploadOf('u')
    await stores.uploads.insert(upload)
    expect(await stores.uploads.find('alice', 'u', 'train')).toEqual(upload)
    expect(await stores.uploads.find('bob', 'u', 'train')).toBeUndefined()
    expect(await stores.uploads.find('alice', 'u', 'test')).toBeUndefined()
    expect((await stores.uploads.findForUrl('u'))?.accountId).toBe('alice')
  })

  test('keep parts and progress together, and nothing of a change that is refused', async () => {
    await stores.uploads.insert(uploadOf('u'))
    const progress = { state: 'complete' as const, sizeBytes: 7, hash: 'h', blobKey: 'k' }
    await stores.uploads.changeFile('u', 'x', () => ({ part: part(0), progress }))
    await expect(
      stores.uploads.changeFile('u', 'x', () => {
        throw new Error('refused')
      }),
    ).rejects.toThrow('refused')
    await stores.uploads.changeFile('u', 'x', (file, parts) => {
      expect(file).toEqual(fileOf('x', progress))
      expect(parts).toEqual([part(0)])
      return { part: part(0, { sha256: 'cd' }) }
    })
    expect(await stores.uploads.parts('u', 'x')).toEqual([part(0, { sha256: 'cd' })])
    expect((await stores.uploads.blobKeys()).sort()).toEqual(['k', 'key-0'])
  })

  test('lose no part when many arrive at once', async () => {
    await stores.uploads.insert(uploadOf('u'))
    const indices = Array.from({ length: 20 }, (_, i) => i)
    await Promise.all(indices.map((i) => stores.uploads.changeFile('u', 'x', () => ({ part: part(i) }))))
    expect((await stores.uploads.parts('u', 'x')).map((p) => p.index)).toEqual(indices)
  })

  test('are duplicates when complete, verified, equal in every respect and of the same account', async () => {
    const done = { state: 'sealed' as const, sizeBytes: 9, hash: 'h', declaredHash: 'h' }
    const files = [fileOf('x', done), fileOf('y', done)]
    await stores.uploads.insert(uploadOf('old', { files, createdAt: 1 }))
    await stores.uploads.insert(uploadOf('new', { files, createdAt: 2 }))
    await stores.uploads.insert(uploadOf('other', { files, accountId: 'bob' }))
    await stores.uploads.insert(
      uploadOf('open', { files: [fileOf('x', done), fileOf('y', { ...done, state: 'open' })] }),
    )
    await stores.uploads.insert(
      uploadOf('unchecked', { files: [fileOf('x', done), fileOf('y', { ...done, declaredHash: null })] }),
    )
    const same = { hash: 'h', sizeBytes: 9, format: 'csv' as const }
    const ids = async (x = same, y = same) =>
      (await stores.uploads.findDuplicateTrain('alice', x, y)).map((upload) => upload.id)
    expect(await ids()).toEqual(['new', 'old'])
    expect(await ids({ ...same, sizeBytes: 8 })).toEqual([])
    expect(await ids(same, { ...same, hash: 'other' })).toEqual([])
  })

  test('are abandoned when they expired with a file that is open', async () => {
    await stores.uploads.insert(uploadOf('open', { expiresAt: 10 }))
    await stores.uploads.insert(uploadOf('late', { expiresAt: 20 }))
    const complete = [fileOf('x', { state: 'complete' }), fileOf('y', { state: 'sealed' })]
    await stores.uploads.insert(uploadOf('complete', { expiresAt: 10, files: complete }))
    expect((await stores.uploads.findAbandoned(15)).map((upload) => upload.id)).toEqual(['open'])
    await stores.uploads.remove('open')
    expect(await stores.uploads.findAbandoned(15)).toEqual([])
  })
})

describe('fits', () => {
  beforeEach(() => stores.uploads.insert(uploadOf('u')))

  test('come back as they were stored, to their own account only', async () => {
    await stores.fits.insert(fitOf('f'))
    expect(await stores.fits.find('alice', 'f')).toEqual(fitOf('f'))
    expect(await stores.fits.find('bob', 'f')).toBeUndefined()
  })

  test('are found again when they are completed, the newest first', async () => {
    const result = { trainRows: 5, columns: 2, classes: ['a', 1, true] }
    await stores.fits.insert(fitOf('pending'))
    for (const [id, completedAt] of [
      ['one', 1],
      ['two', 2],
    ] as const) {
      await stores.fits.insert(fitOf(id))
      await stores.fits.complete(id, { ...result, completedAt })
    }
    expect(await stores.fits.findCompleted('alice', 'print')).toEqual(
      fitOf('two', { ...result, completedAt: 2, status: 'completed' }),
    )
    expect(await stores.fits.findCompleted('bob', 'print')).toBeUndefined()
    expect(await stores.fits.findPending()).toEqual(['pending'])
    expect((await stores.fits.completedIds()).sort()).toEqual(['one', 'two'])
  })

  test('keep why they failed', async () => {
    await stores.fits.insert(fitOf('f'))
    await stores.fits.fail('f', { code: 'ONE_CLASS', message: 'why', completedAt: 3 })
    expect(await stores.fits.find('alice', 'f')).toMatchObject({
      status: 'failed',
      errorCode: 'ONE_CLASS',
      errorMessage: 'why',
    })
    expect(await stores.fits.findPending()).toEqual([])
  })

  test('go with the upload that they were made from', async () => {
    await stores.fits.insert(fitOf('f'))
    await stores.uploads.remove('u')
    expect(await stores.fits.find('alice', 'f')).toBeUndefined()
  })
})
