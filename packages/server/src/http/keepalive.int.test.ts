/** Long fits over a socket: whitespace first, then the answer or the failure. */

import { streamedErrorSchema } from '@posterior/contracts'
import { afterEach, expect, test } from 'vitest'
import { AppError } from '../domain/app-error.ts'
import { FakePredictor } from '../testing/fake-predictor.ts'
import {
  ADMIN_TOKEN,
  CLASSES_CSV,
  startTestServer,
  type TestServer,
  uploadTrainSet,
  whenReady,
} from '../testing/test-server.ts'

let server: TestServer
afterEach(() => server.close())

const KEEPALIVE = { POSTERIOR_FIT_KEEPALIVE_MS: '50' }

async function fit(id: string, options: { signal?: AbortSignal } = {}): Promise<Response> {
  return fetch(`${server.url}/tabpfn/fit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ train_set_upload_id: id, task: 'classification' }),
    ...options,
  })
}

test('a long fit is answered at once with 200 and whitespace, then JSON', async () => {
  server = await startTestServer({ predictor: new FakePredictor({ fitMs: 400 }), env: KEEPALIVE })
  const id = await uploadTrainSet(server, CLASSES_CSV)
  const response = await fit(id)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('application/json')
  const text = await response.text()
  expect(text).toMatch(/^ {3,}\{/)
  expect(JSON.parse(text)).toMatchObject({ status: 'completed' })
})

test('a failure after the answer has started is the envelope with _streamed_error', async () => {
  const predictor = new FakePredictor()
  predictor.fit = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200))
    throw new AppError('ONE_CLASS', { message: 'only one class' })
  }
  server = await startTestServer({ predictor, env: KEEPALIVE })
  const response = await fit(await uploadTrainSet(server, CLASSES_CSV))
  expect(response.status).toBe(200)
  const body = streamedErrorSchema.parse(await response.json())
  expect(body).toMatchObject({
    _streamed_error: true,
    status_code: 422,
    error_code: 'ONE_CLASS',
    message: 'only one class',
  })
})

test('a failure before that is an ordinary error', async () => {
  const predictor = new FakePredictor()
  predictor.failure = new AppError('ONE_CLASS', { message: 'only one class' })
  server = await startTestServer({ predictor, env: KEEPALIVE })
  expect((await fit(await uploadTrainSet(server, CLASSES_CSV))).status).toBe(422)
})

test('a client that hangs up and asks again gets the same fit', async () => {
  const predictor = new FakePredictor({ fitMs: 500 })
  server = await startTestServer({ predictor, env: KEEPALIVE })
  await whenReady(server)
  const id = await uploadTrainSet(server, CLASSES_CSV)
  const before = predictor.calls.fit
  const gone = new AbortController()
  const first = await fit(id, { signal: gone.signal })
  gone.abort()
  await first.text().catch(() => undefined)
  expect(JSON.parse(await (await fit(id)).text()).status).toBe('completed')
  expect(JSON.parse(await (await fit(id)).text()).status).toBe('completed')
  expect(predictor.calls.fit).toBe(before + 1)
})
