/** Stopping: running work finishes, new work is refused, what takes too long is broken off with an answer. */
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openDatabase } from './adapters/sqlite/open.ts'
import { sqliteStores } from './adapters/sqlite/stores.ts'
import { FakePredictor } from './testing/fake-predictor.ts'
import {
  CLASSES_CSV,
  fitTrainSet,
  startTestServer,
  type TestServer,
  temporaryFolder,
  until,
  uploadTestSet,
  uploadTrainSet,
  whenReady,
} from './testing/test-server.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined
afterEach(() => folder?.cleanUp())

async function start(predictor: FakePredictor, env: Record<string, string> = {}): Promise<TestServer> {
  folder ??= await temporaryFolder()
  return startTestServer({ predictor, env, dataDir: folder.path })
}

const fitBody = (id: string) => ({ body: { train_set_upload_id: id, task: 'classification' } })

test('a running fit finishes and its caller gets the answer, while new requests are refused', async () => {
  folder = undefined
  const predictor = new FakePredictor({ fitMs: 600 })
  const server = await start(predictor)
  const id = await uploadTrainSet(server, CLASSES_CSV)
  await whenReady(server)
  const running = server.call('POST', '/tabpfn/fit', fitBody(id))
  const before = predictor.calls.fit
  await until(() => predictor.calls.fit > before)
  const closing = server.close()
  await expect(server.call('GET', '/tabpfn/get_settings')).rejects.toThrow()
  expect((await running).json.status).toBe('completed')
  await closing
})

test('work that outlasts the limit is broken off with a 503, and can be sent again after a restart', async () => {
  folder = undefined
  const slow = new FakePredictor({ fitMs: 600_000 })
  const quick = new FakePredictor()
  slow.predict = quick.predict.bind(quick)
  const server = await start(slow, { POSTERIOR_SHUTDOWN_SECONDS: '0' })
  const id = await uploadTrainSet(server, CLASSES_CSV)
  await until(() => slow.calls.fit > 0)
  const before = slow.calls.fit
  const running = server.call('POST', '/tabpfn/fit', fitBody(id))
  await until(() => slow.calls.fit > before)
  await server.close()
  const answer = await running
  expect([answer.status, answer.json.error_code]).toEqual([503, 'FIT_INTERRUPTED'])
  const again = await start(quick)
  expect((await again.call('POST', '/tabpfn/fit', fitBody(id))).json.status).toBe('completed')
  await again.close()
})

test('a folder that a running server uses is refused, and free once it has stopped', async () => {
  folder = undefined
  const first = await start(new FakePredictor())
  await expect(start(new FakePredictor())).rejects.toThrow(/used by another Posterior server/)
  await first.close()
  const second = await start(new FakePredictor())
  await second.close()
})

test('fits, uploads and the token outlive a restart', async () => {
  folder = undefined
  const first = await start(new FakePredictor())
  const fit = await fitTrainSet(first, CLASSES_CSV)
  const test = await uploadTestSet(first, fit, 'a,b\n1,2\n')
  await first.close()
  const second = await start(new FakePredictor())
  const body = { fitted_train_set_id: fit, test_set_upload_id: test, task_config: {} }
  const answer = await second.call('POST', '/tabpfn/predict', { body })
  expect([answer.status, answer.json.prediction]).toEqual([200, [[0.6, 0.4]]])
  await second.close()
})

test('a server whose self-test fails answers, and says that it is not ready', async () => {
  folder = undefined
  const predictor = new FakePredictor()
  predictor.failure = new Error('no weights')
  const server = await start(predictor)
  await until(async () => (await server.call('GET', '/health/ready')).json.message.includes('self-test'))
  const answer = await server.call('GET', '/health/ready')
  expect([answer.status, answer.json.error_code]).toEqual([503, 'NOT_READY'])
  expect(answer.text).not.toContain('weights')
  expect((await server.call('GET', '/health/live')).status).toBe(200)
  await server.close()
})

test('a fit that was broken off cannot predict, and says why', async () => {
  folder = undefined
  const slow = new FakePredictor({ fitMs: 600_000 })
  const server = await start(slow, { POSTERIOR_SHUTDOWN_SECONDS: '0' })
  const id = await uploadTrainSet(server, CLASSES_CSV)
  await until(() => slow.calls.fit > 0)
  const before = slow.calls.fit
  const running = server.call('POST', '/tabpfn/fit', fitBody(id))
  await until(() => slow.calls.fit > before)
  const [fitId] = await pendingFits(server.dataDir)
  await server.close()
  await running
  const again = await start(new FakePredictor())
  const body = { fitted_train_set_id: fitId, test_set_upload_id: fitId, task_config: {} }
  const answer = await again.call('POST', '/tabpfn/predict', { body })
  expect([answer.status, answer.json.error_code]).toEqual([422, 'FIT_NOT_COMPLETED'])
  expect(answer.json.message).toContain('interrupted')
  expect(answer.json.errors[0].field).toBe('fitted_train_set_id')
  await again.close()
})

/** Ids of running fits, read beside the server. */
async function pendingFits(dataDir: string): Promise<string[]> {
  const db = await openDatabase(join(dataDir, 'posterior.sqlite'))
  try {
    return await sqliteStores(db).fits.findPending()
  } finally {
    await db.destroy()
  }
}
