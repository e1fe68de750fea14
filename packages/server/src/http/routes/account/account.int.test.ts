/** What clients ask around a fit: whether the token is valid, news, usage, what is kept; each for its own account. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CLASSES_CSV,
  createAccounts,
  fitTrainSet,
  startTestServer,
  type TestServer,
  uploadTestSet,
} from '../../../testing/test-server.ts'

let server: TestServer
let alice: string
let bob: string

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
})
afterAll(() => server.close())

const ROUTES: [string, string][] = [
  ['GET', '/protected/'],
  ['GET', '/retrieve_greeting_messages/'],
  ['POST', '/get_api_usage/'],
  ['GET', '/get_data_summary/'],
]

test.each(ROUTES)('%s %s answers a valid token with 200 and any other with 401', async (method, path) => {
  expect((await server.call(method, path)).status).toBe(200)
  for (const token of ['wrong', null]) {
    const answer = await server.call(method, path, { token })
    expect([answer.status, answer.json.error_code]).toEqual([401, 'UNAUTHORIZED'])
  }
})

test('there are no greeting messages', async () => {
  expect((await server.call('GET', '/retrieve_greeting_messages/')).json).toEqual({ messages: [] })
})

test('the data summary counts what the account keeps and nothing of another one', async () => {
  const summary = async (token: string) => (await server.call('GET', '/get_data_summary/', { token })).json
  const nothing = { train_sets: 0, test_sets: 0, uploaded_bytes: 0, fitted_models: 0 }
  expect(await summary(alice)).toEqual(nothing)
  const rows = 'a,b\n1,2\n'
  const fit = await fitTrainSet(server, CLASSES_CSV, { token: alice })
  await uploadTestSet(server, fit, rows, alice)
  const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
  await server.call('POST', '/tabpfn/prepare_train_set_upload', { body, token: alice })
  expect(await summary(alice)).toEqual({
    train_sets: 2,
    test_sets: 1,
    uploaded_bytes: CLASSES_CSV.x.length + CLASSES_CSV.y.length + rows.length,
    fitted_models: 1,
  })
  expect(await summary(bob)).toEqual(nothing)
})
