/** What was acknowledged survives kill -9 at any moment; what was not leaves nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FakeOptions } from './testing/fake-predictor.ts'
import {
  ADMIN_TOKEN,
  CLASSES_CSV,
  fitTrainSet,
  put,
  request,
  type TestServer,
  temporaryFolder,
  until,
  uploadTestSet,
  uploadTrainSet,
} from './testing/test-server.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
const children: ChildProcess[] = []

beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await folder.cleanUp()
})

interface KillableServer extends Pick<TestServer, 'url' | 'call'> {
  child: ChildProcess
  kill(): Promise<void>
}

async function start(options: FakeOptions = {}): Promise<KillableServer> {
  const env = {
    POSTERIOR_PORT: '0',
    POSTERIOR_DATA_DIR: folder.path,
    POSTERIOR_ADMIN_TOKEN: ADMIN_TOKEN,
    POSTERIOR_LOG_LEVEL: 'silent',
  }
  const script = new URL('./testing/serve-fake.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, JSON.stringify({ env, ...options })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  const url = /http:\S+/.exec(line)?.[0] ?? ''
  return {
    url,
    child,
    call: (method, path, call) => request(url, method, path, call),
    kill: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

const fitBody = (id: string) => ({ body: { train_set_upload_id: id, task: 'classification' } })

test('an acknowledged upload survives kill -9', async () => {
  let server = await start()
  const id = await uploadTrainSet(server, CLASSES_CSV)
  await server.kill()
  server = await start()
  expect((await server.call('POST', '/tabpfn/fit', fitBody(id))).json.status).toBe('completed')
})

test('a signed URL still works after kill -9', async () => {
  let server = await start()
  const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
  const { json } = await server.call('POST', '/tabpfn/prepare_train_set_upload', { body })
  await put(json.x_train_info.signed_urls[0], CLASSES_CSV.x)
  await server.kill()
  server = await start()
  const url = new URL(json.y_train_info.signed_urls[0])
  url.port = new URL(server.url).port
  expect((await put(url.href, CLASSES_CSV.y)).status).toBe(200)
  const answer = await server.call('POST', '/tabpfn/fit', fitBody(json.train_set_upload_id))
  expect(answer.json.status).toBe('completed')
})

test('an acknowledged fit survives kill -9', async () => {
  let server = await start()
  const fit = await fitTrainSet(server, CLASSES_CSV)
  await server.kill()
  server = await start()
  const id = await uploadTestSet(server, fit, 'a,b\n1,2\n')
  const body = { fitted_train_set_id: fit, test_set_upload_id: id, task_config: {} }
  expect((await server.call('POST', '/tabpfn/predict', { body })).json.prediction).toEqual([[0.6, 0.4]])
})

test('a fit that was killed claims nothing, leaves nothing, and works when it is sent again', async () => {
  let server = await start({ fitMs: 60_000 })
  const id = await uploadTrainSet(server, CLASSES_CSV)
  const running = server.call('POST', '/tabpfn/fit', fitBody(id)).catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 500))
  await server.kill()
  await running
  server = await start()
  expect(await readdir(join(folder.path, 'contexts'))).toEqual([])
  expect((await server.call('POST', '/tabpfn/fit', fitBody(id))).json.status).toBe('completed')
})

test('an upload that was killed leaves no file and can be sent again', async () => {
  let server = await start()
  const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
  const { json } = await server.call('POST', '/tabpfn/prepare_train_set_upload', { body })
  const url = new URL(json.x_train_info.signed_urls[0])
  const sending = httpRequest(url, { method: 'PUT' }).on('error', () => undefined)
  sending.write('a,b\n1,2\n')
  const temporaryFiles = async () =>
    (await readdir(join(folder.path, 'tmp'))).filter((n) => !n.startsWith('self'))
  await until(async () => (await temporaryFiles()).length === 1)
  await server.kill()
  server = await start()
  await until(async () => (await temporaryFiles()).length === 0)
  expect(await readdir(join(folder.path, 'blobs'))).toEqual([])
  url.port = new URL(server.url).port
  expect((await put(url.href, CLASSES_CSV.x)).status).toBe(200)
})

test('uploads that are killed at random moments are whole when acknowledged', async () => {
  let server = await start()
  for (let round = 0; round < 4; round++) {
    const acknowledged: string[] = []
    const work = (async () => {
      for (;;) acknowledged.push(await uploadTrainSet(server, CLASSES_CSV))
    })().catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 40 + round * 100))
    await server.kill()
    await work
    server = await start()
    for (const id of acknowledged) {
      expect((await server.call('POST', '/tabpfn/fit', fitBody(id))).json.status).toBe('completed')
    }
  }
})

test('SIGTERM ends the process with exit code 0', async () => {
  const server = await start()
  await server.call('GET', '/')
  server.child.kill('SIGTERM')
  expect(await once(server.child, 'exit')).toEqual([0, null])
})

test('a job that a kill interrupted is told as failed, and the same job can be asked for again', async () => {
  let server = await start({ fitMs: 60_000 })
  const body = {
    train_set_upload_id: await uploadTrainSet(server, CLASSES_CSV),
    task_config: { task: 'classification' },
  }
  const submitted = await server.call('POST', '/tabpfn/submit_fit_job', { body })
  const { fitted_train_set_id } = submitted.json
  await server.kill()
  server = await start()
  const status = await server.call('POST', '/tabpfn/get_fit_status', { body: { fitted_train_set_id } })
  expect(status.status).toBe(200)
  expect(status.json).toMatchObject({ status: 'failed', error_code: 'FIT_INTERRUPTED' })
  const again = await server.call('POST', '/tabpfn/fit', { body })
  expect(again.json.status).toBe('completed')
  expect(again.json.fitted_train_set_id).not.toBe(fitted_train_set_id)
})

test('what a prediction held is given back when kill -9 broke it off', async () => {
  let server = await start({ predictMs: 600_000 })
  const used = async () => (await server.call('POST', '/get_api_usage/')).json.daily_tokens_used
  const fit = await fitTrainSet(server, CLASSES_CSV)
  const rows = await uploadTestSet(server, fit, CLASSES_CSV.x)
  const body = { fitted_train_set_id: fit, test_set_upload_id: rows, task_config: {} }
  const lost = server.call('POST', '/tabpfn/predict', { body }).catch(() => undefined)
  await until(async () => (await used()) > 0)
  await server.kill()
  await lost
  server = await start()
  expect(await used()).toBe(0)
  expect((await server.call('POST', '/tabpfn/predict', { body })).status).toBe(200)
  expect(await used()).toBeGreaterThan(0)
})
