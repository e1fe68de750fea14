import { expect, test } from 'vitest'
import { PosteriorError } from './posterior-error.ts'
import { Transport } from './transport.ts'

/** Answers one after the other; an Error is thrown, as `fetch` does without a connection. */
function serve(...answers: (Response | Error)[]) {
  const requests: { url: string; init: RequestInit }[] = []
  const respond = async (url: unknown, init: RequestInit = {}) => {
    requests.push({ url: String(url), init })
    const answer = answers.shift()
    if (!answer) throw new Error('there was one request too many')
    if (answer instanceof Error) throw answer
    return answer
  }
  return { requests, fetch: respond as typeof fetch }
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers })
const busy = () =>
  json(503, { message: 'busy', error_code: 'SERVER_BUSY', retryable: true }, { 'retry-after': '0' })

test('a request carries token and JSON, and its answer is read', async () => {
  const { requests, fetch } = serve(json(200, { ok: 1 }))
  const transport = new Transport({ url: 'http://here/', token: 't', fetch })
  expect(await transport.json('POST', '/x', { body: { a: Number.NaN } })).toEqual({ ok: 1 })
  expect(requests[0]).toMatchObject({
    url: 'http://here/x',
    init: {
      method: 'POST',
      body: '{"a":null}',
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
    },
  })
})

test('a refusal says what the server said', async () => {
  const body = {
    message: 'rows.0 must be a list',
    error_code: 'REQUEST_VALIDATION_ERROR',
    errors: [{ field: 'rows.0', message: 'must be a list' }],
    trace_id: 'trace',
  }
  const { fetch } = serve(json(422, body))
  const error = await new Transport({ fetch }).json('POST', '/x').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(PosteriorError)
  expect(error).toMatchObject({
    message: 'rows.0 must be a list',
    status: 422,
    code: 'REQUEST_VALIDATION_ERROR',
    fields: [{ field: 'rows.0', message: 'must be a list' }],
    traceId: 'trace',
    retryable: false,
  })
})

test('a refusal that is no JSON is still an error with its status', async () => {
  const { fetch } = serve(new Response('<html>', { status: 502 }))
  await expect(new Transport({ fetch }).json('GET', '/x')).rejects.toMatchObject({
    status: 502,
    code: 'HTTP_502',
  })
})

test('what failed after status 200 is an error', async () => {
  const { fetch } = serve(
    json(200, { _streamed_error: true, status_code: 422, message: 'late', error_code: 'ONE_CLASS' }),
  )
  await expect(new Transport({ fetch }).json('POST', '/x')).rejects.toMatchObject({
    status: 422,
    code: 'ONE_CLASS',
  })
})

test('a busy server is asked again, as often as retries say', async () => {
  const { requests, fetch } = serve(busy(), busy(), json(200, 1))
  expect(await new Transport({ fetch }).json('POST', '/x')).toBe(1)
  expect(requests).toHaveLength(3)
  const once = serve(busy(), json(200, 1))
  await expect(new Transport({ fetch: once.fetch, retries: 0 }).json('POST', '/x')).rejects.toMatchObject({
    code: 'SERVER_BUSY',
  })
})

test('a long time to wait is told to the caller instead', async () => {
  const limited = json(429, { message: 'tomorrow' }, { 'retry-after': '3600' })
  const { requests, fetch } = serve(limited)
  await expect(new Transport({ fetch }).json('GET', '/x')).rejects.toMatchObject({ retryAfter: 3600 })
  expect(requests).toHaveLength(1)
})

test('without an answer only what is repeatable is sent again', async () => {
  const gone = () => new TypeError('fetch failed')
  const reading = serve(gone(), json(200, 1))
  expect(await new Transport({ fetch: reading.fetch }).json('GET', '/x')).toBe(1)
  const writing = serve(gone())
  await expect(new Transport({ fetch: writing.fetch }).json('POST', '/x')).rejects.toMatchObject({
    status: 0,
    code: 'UNREACHABLE',
  })
})

test('an abort is thrown as it is, also while waiting', async () => {
  const stop = new AbortController()
  const { fetch } = serve(json(503, { message: 'busy' }, { 'retry-after': '20' }))
  const asked = new Transport({ fetch }).json('GET', '/x', { signal: stop.signal })
  setTimeout(() => stop.abort(new Error('enough')), 10)
  await expect(asked).rejects.toThrow('enough')
})

test('infinity is refused by its name', async () => {
  const { fetch } = serve()
  await expect(
    new Transport({ fetch }).json('POST', '/x', { body: { price: Number.POSITIVE_INFINITY } }),
  ).rejects.toThrow(/"price" is Infinity/)
})
