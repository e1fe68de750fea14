/** What belongs to another account cannot be told from what does not exist, on every route that takes an id. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { crc32c, encodeCrc32c } from '../domain/uploads/crc32c.ts'
import {
  type Answer,
  CLASSES_CSV,
  createAccounts,
  fitTrainSet,
  put,
  startTestServer,
  type TestServer,
  uploadTestSet,
  uploadTrainSet,
} from '../testing/test-server.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
let server: TestServer
let alice: string
let bob: string

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
})
afterAll(() => server.close())

/** The same answer for a foreign id as for an unknown one, but for the id and the trace. */
function expectSame(foreign: Answer, unknown: Answer, id: string) {
  const comparable = ({ status, json }: Answer, shown: string) => [
    status,
    {
      ...json,
      trace_id: '',
      message: json.message.replace(shown, 'ID'),
      detail: json.detail.replace(shown, 'ID'),
    },
  ]
  expect(comparable(foreign, id)).toEqual(comparable(unknown, UNKNOWN))
  expect(foreign.status).toBe(404)
}

const as = (token: string, path: string, body: object) => server.call('POST', path, { token, body })

test('fit: a foreign training set is unknown', async () => {
  const id = await uploadTrainSet(server, CLASSES_CSV, alice)
  const fit = (uploadId: string) =>
    as(bob, '/tabpfn/fit', { train_set_upload_id: uploadId, task: 'classification' })
  expectSame(await fit(id), await fit(UNKNOWN), id)
})

test('submit_fit_job: a foreign training set is unknown', async () => {
  const id = await uploadTrainSet(server, CLASSES_CSV, alice)
  const submit = (uploadId: string) =>
    as(bob, '/tabpfn/submit_fit_job', {
      train_set_upload_id: uploadId,
      task_config: { task: 'classification' },
    })
  expectSame(await submit(id), await submit(UNKNOWN), id)
})

test('get_fit_status and GET fit: a foreign fit is unknown', async () => {
  const id = await fitTrainSet(server, CLASSES_CSV, { token: alice })
  const ask = (token: string, fitId: string) =>
    as(token, '/tabpfn/get_fit_status', { fitted_train_set_id: fitId })
  const get = (token: string, fitId: string) => server.call('GET', `/tabpfn/fit/${fitId}`, { token })
  expect((await ask(alice, id)).json.status).toBe('completed')
  expect((await get(alice, id)).json.status).toBe('completed')
  expectSame(await ask(bob, id), await ask(bob, UNKNOWN), id)
  expectSame(await get(bob, id), await get(bob, UNKNOWN), id)
})

test('prepare_test_set_upload: a foreign fitted model is unknown', async () => {
  const id = await fitTrainSet(server, CLASSES_CSV, { token: alice })
  const prepare = (fitId: string) =>
    as(bob, '/tabpfn/prepare_test_set_upload', { fitted_train_set_id: fitId, x_test_info: { format: 'csv' } })
  expectSame(await prepare(id), await prepare(UNKNOWN), id)
})

test('predict: a foreign fitted model and a foreign test set are unknown', async () => {
  const foreignFit = await fitTrainSet(server, CLASSES_CSV, { token: alice })
  const foreignTest = await uploadTestSet(server, foreignFit, 'a,b\n1,2\n', alice)
  const ownFit = await fitTrainSet(server, CLASSES_CSV, { token: bob })
  const ownTest = await uploadTestSet(server, ownFit, 'a,b\n1,2\n', bob)
  const predict = (fitId: string, testId: string) =>
    as(bob, '/tabpfn/predict', { fitted_train_set_id: fitId, test_set_upload_id: testId, task_config: {} })
  expect((await predict(ownFit, ownTest)).status).toBe(200)
  expectSame(await predict(foreignFit, ownTest), await predict(UNKNOWN, ownTest), foreignFit)
  expectSame(await predict(ownFit, foreignTest), await predict(ownFit, UNKNOWN), foreignTest)
})

test('prepare_train_set_upload: the same bytes of another account are no duplicate, nor is its fit reused', async () => {
  const describe = (text: string) => ({
    format: 'csv',
    hash: encodeCrc32c(crc32c(new TextEncoder().encode(text))),
    size_bytes: text.length,
  })
  const body = { x_train_info: describe(CLASSES_CSV.x), y_train_info: describe(CLASSES_CSV.y) }
  const send = async (token: string) => {
    const { status, json } = await as(token, '/tabpfn/prepare_train_set_upload', body)
    expect(status).toBe(200)
    await put(json.x_train_info.signed_urls[0], CLASSES_CSV.x)
    await put(json.y_train_info.signed_urls[0], CLASSES_CSV.y)
    return as(token, '/tabpfn/fit', { train_set_upload_id: json.train_set_upload_id, task: 'classification' })
  }
  const first = await send(alice)
  const second = await send(bob)
  expect(second.json.fitted_train_set_id).not.toBe(first.json.fitted_train_set_id)
  expect((await as(alice, '/tabpfn/prepare_train_set_upload', body)).status).toBe(409)
})

test('a token opens its own account only, and no other after it', async () => {
  const id = await fitTrainSet(server, CLASSES_CSV, { token: alice })
  const body = { fitted_train_set_id: id, x_test_info: { format: 'csv' } }
  const statuses = []
  for (const token of [alice, bob, alice]) {
    statuses.push((await as(token, '/tabpfn/prepare_test_set_upload', body)).status)
  }
  expect(statuses).toEqual([200, 404, 200])
})
