/** Downloading and deleting what an account has: everything of its own, nothing of another one. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakePredictor } from '../../../testing/fake-predictor.ts'
import { readZip } from '../../../testing/read-zip.ts'
import {
  ADMIN_TOKEN,
  CLASSES_CSV,
  createAccounts,
  fitTrainSet,
  put,
  startTestServer,
  type TestServer,
  until,
  uploadTestSet,
  uploadTrainSet,
  whenReady,
} from '../../../testing/test-server.ts'
import { zipStream } from '../../zip-stream.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const ROWS = 'a,b\n1,2\n'
let server: TestServer
let alice: string
let bob: string

async function start(predictor = new FakePredictor()) {
  server = await startTestServer({ predictor })
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
  await whenReady(server)
}
beforeEach(() => start())
afterEach(() => server.close())

const summary = async (token: string) => (await server.call('GET', '/get_data_summary/', { token })).json
const remove = (uid: string, token: string) =>
  server.call('DELETE', `/delete_dataset/?dataset_uid=${uid}`, { token })

async function download(token: string) {
  const answer = await fetch(`${server.url}/download_all_data/`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(answer.status).toBe(200)
  const files = readZip(Buffer.from(await answer.arrayBuffer()))
  const manifest = JSON.parse(String(files.get('manifest.json')))
  return { answer, files, manifest }
}

/** Files and contexts on disk, by name. */
async function stored(): Promise<string[]> {
  const names = async (folder: string) => await readdir(join(server.dataDir, folder)).catch(() => [])
  return [...(await names('blobs/uploads')), ...(await names('contexts'))].sort()
}

test.each([
  ['GET', '/download_all_data/'],
  ['DELETE', `/delete_dataset/?dataset_uid=${UNKNOWN}`],
  ['DELETE', '/delete_all_datasets/'],
  ['DELETE', '/delete_user_account/'],
])('%s %s needs a token', async (method, path) => {
  const answer = await server.call(method, path, { token: null })
  expect([answer.status, answer.json.error_code]).toEqual([401, 'UNAUTHORIZED'])
})

test('the archive has the files as they came and says what they are', async () => {
  const fit = await fitTrainSet(server, CLASSES_CSV, { token: alice })
  const testSet = await uploadTestSet(server, fit, ROWS, alice)
  const { answer, files, manifest } = await download(alice)
  // Clients take everything after "filename=" as the name of the file.
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename=all_data.zip')
  expect(manifest.account.name).toBe('alice')
  expect(manifest.fitted_models).toMatchObject([
    { fitted_train_set_id: fit, status: 'completed', columns: 2 },
  ])
  const [train, rows] = manifest.datasets
  expect([train.kind, rows.kind, rows.uid, rows.fitted_train_set_id]).toEqual(['train', 'test', testSet, fit])
  const text = (path: string) => String(files.get(path))
  expect(text(train.files.x_train.path)).toBe(CLASSES_CSV.x)
  expect(text(train.files.y_train.path)).toBe(CLASSES_CSV.y)
  expect(text(rows.files.x_test.path)).toBe(ROWS)
  expect(files.size).toBe(4)
})

test('the archive has the projects that the account owns, and not those that it only sees', async () => {
  const make = async (token: string, name: string) =>
    (await server.call('POST', '/projects', { token, body: { name } })).json.id
  const [own, seen] = [await make(alice, 'Own'), await make(bob, 'Seen')]
  const { members } = (await server.call('GET', `/projects/${own}/members`, { token: alice })).json
  const body = { account: members[0].accountId, role: 'editor' }
  expect((await server.call('POST', `/projects/${seen}/members`, { token: bob, body })).status).toBe(201)
  const { files, manifest } = await download(alice)
  expect([...files.keys()]).toEqual(['manifest.json', `projects/${own}.tar.gz`])
  expect(manifest.projects).toMatchObject([{ id: own, slug: 'own', path: `projects/${own}.tar.gz` }])
  const archive = files.get(`projects/${own}.tar.gz`)
  const query = { token: bob, body: archive, headers: { 'content-type': 'application/gzip' } }
  expect((await server.call('POST', '/project-imports', query)).json).toMatchObject({ slug: 'own' })
})

test('a file in several parts is one file of the archive; one that has not arrived is named without a path', async () => {
  const info = { format: 'csv', use_chunks: true, size_bytes: 200_000_000 }
  const body = { x_train_info: info, y_train_info: { format: 'csv' } }
  const { json } = await server.call('POST', '/tabpfn/prepare_train_set_upload', { body, token: alice })
  const urls: string[] = json.x_train_info.signed_urls
  for (const [index, url] of urls.entries()) await put(url, `part ${index}\n`)
  const { files, manifest } = await download(alice)
  const [upload] = manifest.datasets
  expect(String(files.get(upload.files.x_train.path))).toBe(urls.map((_, i) => `part ${i}\n`).join(''))
  expect(upload.files.y_train.path).toBeNull()
})

test('an account without data gets an archive too, and nothing of another account', async () => {
  await fitTrainSet(server, CLASSES_CSV, { token: alice })
  const { files, manifest } = await download(bob)
  expect([...files.keys()]).toEqual(['manifest.json'])
  expect(manifest).toMatchObject({ datasets: [], fitted_models: [] })
})

test('deleting a training set takes its fits, their contexts, their test sets and all files along', async () => {
  const keptFit = await fitTrainSet(server, CLASSES_CSV, { token: alice, config: { random_state: 1 } })
  const before = await stored()
  const trainSet = await uploadTrainSet(server, CLASSES_CSV, alice)
  const body = { train_set_upload_id: trainSet, task: 'classification' }
  const fit = (await server.call('POST', '/tabpfn/fit', { body, token: alice })).json.fitted_train_set_id
  const testSet = await uploadTestSet(server, fit, ROWS, alice)
  const answer = await remove(trainSet, alice)
  expect(answer.status).toBe(200)
  expect(answer.json.deleted_dataset_uids.sort()).toEqual([trainSet, testSet].sort())
  expect(await stored()).toEqual(before)
  const status = (id: string) => server.call('GET', `/tabpfn/fit/${id}`, { token: alice })
  expect((await status(fit)).status).toBe(404)
  expect((await status(keptFit)).json.status).toBe('completed')
  expect((await remove(trainSet, alice)).status).toBe(404)
})

test('deleting a test set leaves the fit', async () => {
  const fit = await fitTrainSet(server, CLASSES_CSV, { token: alice })
  const testSet = await uploadTestSet(server, fit, ROWS, alice)
  expect((await remove(testSet, alice)).json).toEqual({ deleted_dataset_uids: [testSet] })
  expect(await summary(alice)).toMatchObject({ train_sets: 1, test_sets: 0, fitted_models: 1 })
})

test('a foreign data set is unknown and stays', async () => {
  const trainSet = await uploadTrainSet(server, CLASSES_CSV, alice)
  const [foreign, unknown] = [await remove(trainSet, bob), await remove(UNKNOWN, bob)]
  expect([foreign.status, unknown.status]).toEqual([404, 404])
  expect(foreign.json.message.replace(trainSet, UNKNOWN)).toBe(unknown.json.message)
  expect(await summary(alice)).toMatchObject({ train_sets: 1 })
})

test('deleting all data sets deletes those of the caller alone', async () => {
  await fitTrainSet(server, CLASSES_CSV, { token: bob })
  const kept = await stored()
  const fit = await fitTrainSet(server, CLASSES_CSV, { token: alice })
  await uploadTestSet(server, fit, ROWS, alice)
  const answer = await server.call('DELETE', '/delete_all_datasets/', { token: alice })
  expect([answer.status, answer.json.deleted_dataset_uids.length]).toEqual([200, 2])
  expect(await stored()).toEqual(kept)
  expect(await summary(alice)).toMatchObject({ train_sets: 0, test_sets: 0, fitted_models: 0 })
  expect(await summary(bob)).toMatchObject({ train_sets: 1, fitted_models: 1 })
  const again = await server.call('DELETE', '/delete_all_datasets/', { token: alice })
  expect(again.json).toEqual({ deleted_dataset_uids: [] })
})

test('deleting the account ends its token and removes all it had; the last administrator stays', async () => {
  await fitTrainSet(server, CLASSES_CSV, { token: alice })
  const answer = await server.call('DELETE', '/delete_user_account/', { token: alice })
  expect(answer.status).toBe(200)
  expect((await server.call('GET', '/protected/', { token: alice })).status).toBe(401)
  expect(await stored()).toEqual([])
  expect((await server.call('GET', '/protected/', { token: bob })).status).toBe(200)
  const admin = await server.call('DELETE', '/delete_user_account/', { token: ADMIN_TOKEN })
  expect([admin.status, admin.json.error_code]).toEqual([409, 'LAST_ADMIN'])
})

test('a fit that runs while its training set is deleted is broken off and leaves nothing', async () => {
  await server.close()
  const speed = { fitMs: 0 }
  const predictor = new FakePredictor(speed)
  await start(predictor)
  speed.fitMs = 60_000
  const trainSet = await uploadTrainSet(server, CLASSES_CSV, alice)
  const body = { train_set_upload_id: trainSet, task: 'classification' }
  const calls = predictor.calls.fit
  const fit = server.call('POST', '/tabpfn/fit', { body, token: alice })
  await until(() => predictor.calls.fit > calls)
  expect((await remove(trainSet, alice)).status).toBe(200)
  const { status, json } = await fit
  expect([status, json.error_code]).toEqual([404, 'NOT_FOUND'])
  expect(await stored()).toEqual([])
})

test('when the reader of an archive goes away, the file that was being read is closed', async () => {
  const source = createReadStream('/dev/zero')
  const entry = { path: 'zeros', modifiedAt: 0, isCompressible: false, read: () => source }
  const zip = zipStream([entry])
  await new Promise((resolve) => zip.once('data', resolve))
  zip.destroy()
  await until(() => source.destroyed)
})

test('an archive whose file cannot be read breaks off instead of ending', async () => {
  const entry = {
    path: 'gone',
    modifiedAt: 0,
    isCompressible: true,
    // biome-ignore lint/correctness/useYield: it fails before the first byte
    read: async function* (): AsyncIterable<Uint8Array> {
      throw new Error('unreadable')
    },
  }
  await expect(zipStream([entry]).toArray()).rejects.toThrow('unreadable')
})
