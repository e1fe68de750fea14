/** The upload protocol: parts, repeats, hashes, duplicates, limits, signatures. */
import { readdir, readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crc32c, encodeCrc32c } from '../domain/uploads/crc32c.ts'
import {
  ADMIN_TOKEN,
  CLASSES_CSV,
  put,
  startTestServer,
  type TestServer,
  uploadTestSet,
} from '../testing/test-server.ts'

const MAX_BYTES = 200_000
let server: TestServer

beforeAll(async () => {
  server = await startTestServer({
    env: { POSTERIOR_MAX_UPLOAD_BYTES: String(MAX_BYTES), POSTERIOR_UPLOAD_CHUNK_BYTES: '20' },
  })
})
afterAll(() => server.close())

const hashOf = (text: string) => encodeCrc32c(crc32c(new TextEncoder().encode(text)))
const info = (text: string, extra: object = {}) => ({
  format: 'csv',
  hash: hashOf(text),
  size_bytes: text.length,
  ...extra,
})

async function prepare(body: object, token = ADMIN_TOKEN) {
  return server.call('POST', '/tabpfn/prepare_train_set_upload', { body, token })
}

async function fit(id: string) {
  return server.call('POST', '/tabpfn/fit', { body: { train_set_upload_id: id, task: 'classification' } })
}

/** Files on disk of an upload, by name. */
async function filesOf(id: string): Promise<string[]> {
  return readdir(join(server.dataDir, 'blobs', 'uploads', id)).catch(() => [])
}

/** A body as the client splits it: floor(len / n) bytes each, the rest in the last. */
function split(text: string, parts: number): string[] {
  const size = Math.floor(text.length / parts)
  return Array.from({ length: parts }, (_, i) =>
    i === parts - 1 ? text.slice(i * size) : text.slice(i * size, (i + 1) * size),
  )
}

describe('a file in parts', () => {
  test('is joined in the order of its URLs, whatever the order of arrival', async () => {
    const x = info(CLASSES_CSV.x, { use_chunks: true })
    const { json } = await prepare({ x_train_info: x, y_train_info: info(CLASSES_CSV.y) })
    const urls: string[] = json.x_train_info.signed_urls
    expect(urls.length).toBeGreaterThan(1)
    const parts = split(CLASSES_CSV.x, urls.length)
    for (const i of [...urls.keys()].reverse()) expect((await put(urls[i]!, parts[i]!)).status).toBe(200)
    await put(json.y_train_info.signed_urls[0], CLASSES_CSV.y)
    expect((await fit(json.train_set_upload_id)).status).toBe(200)
    const names = await filesOf(json.train_set_upload_id)
    expect(names).toHaveLength(2)
    const path = join(
      server.dataDir,
      'blobs/uploads',
      json.train_set_upload_id,
      names.find((n) => n.startsWith('x'))!,
    )
    expect(await readFile(path, 'utf8')).toBe(CLASSES_CSV.x)
  })

  test('may have empty parts, and a part may be sent again', async () => {
    const x = { format: 'csv', use_chunks: true }
    const { json } = await prepare({ x_train_info: x, y_train_info: { format: 'csv' } })
    const urls: string[] = json.x_train_info.signed_urls
    expect(urls).toHaveLength(8)
    await put(urls[0]!, 'a,b\n')
    for (const [i, url] of urls.entries()) await put(url, i === 7 ? CLASSES_CSV.x : '')
    await put(urls[7]!, CLASSES_CSV.x)
    await put(json.y_train_info.signed_urls[0], CLASSES_CSV.y)
    expect((await fit(json.train_set_upload_id)).status).toBe(200)
  })

  test('whose hash is wrong can be mended by sending the damaged part again', async () => {
    const x = info(CLASSES_CSV.x, { use_chunks: true })
    const { json } = await prepare({
      x_train_info: x,
      y_train_info: info(CLASSES_CSV.y),
      force_reupload: true,
    })
    const id = json.train_set_upload_id
    const urls: string[] = json.x_train_info.signed_urls
    const parts = split(CLASSES_CSV.x, urls.length)
    await put(json.y_train_info.signed_urls[0], CLASSES_CSV.y)
    await put(urls[0]!, parts[0]!.replace('a', 'z'))
    const answers = await Promise.all(urls.slice(1).map((url, i) => put(url, parts[i + 1]!)))
    expect(
      answers
        .map((answer) => answer.status)
        .sort()
        .at(-1),
    ).toBe(422)
    const refused = await fit(id)
    expect([refused.status, refused.json.error_code]).toEqual([422, 'UPLOAD_HASH_MISMATCH'])
    expect((await put(urls[0]!, parts[0]!)).status).toBe(200)
    expect((await fit(id)).status).toBe(200)
  })
})

test('one URL is given when chunks are not asked for, however large the file', async () => {
  const large = { format: 'csv', size_bytes: MAX_BYTES }
  const { json } = await prepare({ x_train_info: large, y_train_info: large })
  expect(json.x_train_info.signed_urls).toHaveLength(1)
})

test('bytes that do not match the hash are refused and not kept; the right bytes are then taken', async () => {
  const { json } = await prepare({ x_train_info: info('a\n1\n'), y_train_info: info('y\n1\n') })
  const url = json.x_train_info.signed_urls[0]
  const answer = await put(url, 'a\n2\n')
  expect([answer.status, answer.json.error_code]).toEqual([422, 'UPLOAD_HASH_MISMATCH'])
  expect(answer.json.errors[0].field).toBe('x_train')
  expect(await filesOf(json.train_set_upload_id)).toEqual([])
  expect((await put(url, 'a\n1\n')).status).toBe(200)
})

describe('a duplicate', () => {
  const x = 'dup\n1\n2\n'
  const y = 'y\n0\n1\n'
  const body = { x_train_info: info(x), y_train_info: info(y) }
  let first: string

  test('is not reported before the first upload is complete and verified', async () => {
    const started = (await prepare(body)).json
    first = started.train_set_upload_id
    await put(started.x_train_info.signed_urls[0], x)
    expect((await prepare(body)).status).toBe(200)
    await put(started.y_train_info.signed_urls[0], y)
  })

  test('is a 409 that names the earlier upload', async () => {
    const { status, json } = await prepare(body)
    expect(status).toBe(409)
    expect(json).toMatchObject({
      error_code: 'DUPLICATE_TRAIN_SET_UPLOAD',
      train_set_upload_id: first,
      trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(json.detail).toBe(json.message)
  })

  test('is not reported when upload is forced, without hash, with another size or format', async () => {
    expect((await prepare({ ...body, force_reupload: true })).status).toBe(200)
    expect((await prepare({ ...body, x_train_info: { format: 'csv', size_bytes: x.length } })).status).toBe(
      200,
    )
    expect((await prepare({ ...body, x_train_info: info(x, { size_bytes: 1 }) })).status).toBe(200)
    expect((await prepare({ ...body, x_train_info: info(x, { format: 'parquet' }) })).status).toBe(200)
  })

  test('is not reported for an upload that was not checked against a hash', async () => {
    const plain = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
    const { json } = await prepare(plain)
    await put(json.x_train_info.signed_urls[0], 'plain\n1\n')
    await put(json.y_train_info.signed_urls[0], 'y\n1\n')
    const declared = { x_train_info: info('plain\n1\n'), y_train_info: info('y\n1\n') }
    expect((await prepare(declared)).status).toBe(200)
  })

  test('of a test set is reported for the same fitted model', async () => {
    const { json: upload } = await prepare({
      x_train_info: { format: 'csv' },
      y_train_info: { format: 'csv' },
    })
    await put(upload.x_train_info.signed_urls[0], CLASSES_CSV.x)
    await put(upload.y_train_info.signed_urls[0], CLASSES_CSV.y)
    const id = (await fit(upload.train_set_upload_id)).json.fitted_train_set_id
    const test = { fitted_train_set_id: id, x_test_info: info('a,b\n1,2\n') }
    const call = () => server.call('POST', '/tabpfn/prepare_test_set_upload', { body: test })
    const { json } = await call()
    await put(json.x_test_info.signed_urls[0], 'a,b\n1,2\n')
    const again = await call()
    expect(again.status).toBe(409)
    expect(again.json).toMatchObject({
      error_code: 'DUPLICATE_TEST_SET_UPLOAD',
      test_set_upload_id: json.test_set_upload_id,
    })
    expect(await uploadTestSet(server, id, 'a,b\n1,2\n')).not.toBe(json.test_set_upload_id)
  })
})

describe('an upload that a fit has read', () => {
  test('takes the same bytes again and refuses others', async () => {
    const { json } = await prepare({ x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } })
    const url = json.x_train_info.signed_urls[0]
    await put(url, 'a,b\n9,9\n')
    await put(url, CLASSES_CSV.x)
    await put(json.y_train_info.signed_urls[0], CLASSES_CSV.y)
    expect((await fit(json.train_set_upload_id)).status).toBe(200)
    expect((await put(url, CLASSES_CSV.x)).status).toBe(200)
    const other = await put(url, CLASSES_CSV.x.replace('9', '8'))
    expect([other.status, other.json.error_code]).toEqual([409, 'UPLOAD_IN_USE'])
    expect(await filesOf(json.train_set_upload_id)).toHaveLength(2)
  })
})

describe('the size limit', () => {
  const tooLarge = new Uint8Array(MAX_BYTES + 1)

  test('refuses a file by its declared length, before reading it', async () => {
    const { json } = await prepare({ x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } })
    const answer = await put(json.x_train_info.signed_urls[0], tooLarge)
    expect([answer.status, answer.json.error_code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    expect(answer.json.message).toContain(String(MAX_BYTES))
  })

  test('refuses a file of unknown length while it streams, and keeps nothing', async () => {
    const { json } = await prepare({ x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } })
    const answer = await putChunked(json.x_train_info.signed_urls[0], 20, new Uint8Array(65_536))
    expect([answer.status, JSON.parse(answer.text).error_code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    expect(await filesOf(json.train_set_upload_id)).toEqual([])
    expect(await readdir(join(server.dataDir, 'tmp'))).not.toContainEqual(
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    )
    expect((await put(json.x_train_info.signed_urls[0], 'a\n1\n')).status).toBe(200)
  })

  test('holds for all parts of a file together', async () => {
    const { json } = await prepare({
      x_train_info: { format: 'csv', use_chunks: true },
      y_train_info: { format: 'csv' },
    })
    const [first, second] = json.x_train_info.signed_urls
    expect((await put(first, new Uint8Array(MAX_BYTES - 10))).status).toBe(200)
    expect((await put(second, new Uint8Array(11))).status).toBe(413)
    expect((await put(second, new Uint8Array(10))).status).toBe(200)
  })

  test('is checked against the declared size when the upload is prepared', async () => {
    const { status, json } = await prepare({
      x_train_info: { format: 'csv', size_bytes: MAX_BYTES + 1 },
      y_train_info: { format: 'csv' },
    })
    expect([status, json.errors[0].field]).toEqual([422, 'x_train_info.size_bytes'])
  })
})

test('an upload that breaks off leaves nothing and can be sent again', async () => {
  const { json } = await prepare({ x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } })
  const url = json.x_train_info.signed_urls[0]
  await new Promise<void>((resolve) => {
    const sending = httpRequest(url, { method: 'PUT', headers: { 'content-length': 1000 } })
    sending.on('error', () => resolve())
    sending.write('a,b\n1,2\n', () => setTimeout(() => sending.destroy(), 50))
    sending.on('close', () => resolve())
  })
  const refused = await fit(json.train_set_upload_id)
  expect(refused.json.error_code).toBe('UPLOAD_INCOMPLETE')
  expect(await filesOf(json.train_set_upload_id)).toEqual([])
  expect((await put(url, CLASSES_CSV.x)).status).toBe(200)
})

describe('a signed URL', () => {
  let url: URL

  beforeAll(async () => {
    const { json } = await prepare({ x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } })
    url = new URL(json.x_train_info.signed_urls[0])
  })

  test.each([
    ['without a signature', (u: URL) => u.searchParams.delete('signature')],
    ['with another signature', (u: URL) => u.searchParams.set('signature', 'AAAA')],
    ['with a later expiry', (u: URL) => u.searchParams.set('expires', '99999999999')],
    ['for the other file', (u: URL) => (u.pathname = u.pathname.replace('/x/', '/y/'))],
    ['for another part', (u: URL) => (u.pathname = u.pathname.replace(/0$/, '1'))],
  ])('%s is a 403', async (_, change) => {
    const changed = new URL(url)
    change(changed)
    const answer = await put(changed.href, 'a\n1\n')
    expect([answer.status, answer.json.error_code]).toEqual([403, 'INVALID_SIGNATURE'])
  })

  test('that has expired is a 403 that says when', async () => {
    const brief = await startTestServer({ env: { POSTERIOR_UPLOAD_URL_SECONDS: '1' } })
    const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
    const { json } = await brief.call('POST', '/tabpfn/prepare_train_set_upload', { body })
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const answer = await put(json.x_train_info.signed_urls[0], 'a\n1\n')
    expect([answer.status, answer.json.error_code]).toEqual([403, 'EXPIRED_SIGNATURE'])
    expect(answer.json.message).toMatch(/\d{4}-\d\d-\d\dT/)
    await brief.close()
  })
})

/** PUT with chunked encoding: no Content-Length. */
function putChunked(
  url: string,
  count: number,
  chunk: Uint8Array,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(url, { method: 'PUT' }, (response) => {
      let text = ''
      response.on('data', (data: Buffer) => {
        text += data.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sending.on('error', reject)
    for (let i = 0; i < count; i++) sending.write(chunk)
    sending.end()
  })
}
