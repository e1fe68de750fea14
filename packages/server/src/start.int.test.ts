/** What the first start and the settings do. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Environment } from './config.ts'
import { startServer } from './start.ts'
import { FakePredictor } from './testing/fake-predictor.ts'
import { put, request, temporaryFolder } from './testing/test-server.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.cleanUp())

function start(env: Environment = {}, predictor = new FakePredictor()) {
  const dataDir = join(folder.path, 'data')
  const defaults = { POSTERIOR_PORT: '0', POSTERIOR_DATA_DIR: dataDir, POSTERIOR_LOG_LEVEL: 'silent' }
  return startServer({ env: { ...defaults, ...env }, predictor })
}

const statusWith = async (url: string, token: string) =>
  (await request(url, 'GET', '/tabpfn/get_settings', { token })).status

test('the first start creates a private data folder and a token that is told once', async () => {
  const first = await start()
  expect(first.adminToken).toMatch(/^pst_[\w-]{43}$/)
  expect(await statusWith(first.url, first.adminToken!)).toBe(200)
  expect((await stat(join(folder.path, 'data'))).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder.path, 'data', 'secrets', 'upload-urls'))).mode & 0o777).toBe(0o600)
  await first.close()
  const second = await start()
  expect(second.adminToken).toBeUndefined()
  expect(await statusWith(second.url, first.adminToken!)).toBe(200)
  await second.close()
})

test('a preset token is used instead of a generated one, and replaced when the setting changes', async () => {
  const first = await start({ POSTERIOR_ADMIN_TOKEN: 'first-token' })
  expect(first.adminToken).toBeUndefined()
  expect(await statusWith(first.url, 'first-token')).toBe(200)
  await first.close()
  const second = await start({ POSTERIOR_ADMIN_TOKEN: 'second-token' })
  expect(await statusWith(second.url, 'second-token')).toBe(200)
  expect(await statusWith(second.url, 'first-token')).toBe(401)
  await second.close()
  const third = await start()
  expect(third.adminToken).toBeUndefined()
  expect(await statusWith(third.url, 'second-token')).toBe(200)
  await third.close()
})

test('a generated token goes on working when another one is preset later', async () => {
  const first = await start()
  await first.close()
  const second = await start({ POSTERIOR_ADMIN_TOKEN: 'preset-token' })
  expect(await statusWith(second.url, first.adminToken!)).toBe(200)
  expect(await statusWith(second.url, 'preset-token')).toBe(200)
  await second.close()
})

test('upload URLs and error links use the public URL when one is set', async () => {
  const server = await start({
    POSTERIOR_ADMIN_TOKEN: 'test-token',
    POSTERIOR_PUBLIC_URL: 'https://predict.example.org/api/',
  })
  const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
  const token = 'test-token'
  const { json } = await request(server.url, 'POST', '/tabpfn/prepare_train_set_upload', { body, token })
  const url = new URL(json.x_train_info.signed_urls[0])
  expect(url.href).toMatch(/^https:\/\/predict\.example\.org\/api\/uploads\//)
  const direct = `${server.url}${url.pathname.replace('/api', '')}${url.search}`
  expect((await put(direct, 'a\n1\n')).status).toBe(200)
  const missing = await request(server.url, 'GET', '/nothing', { token })
  expect(missing.json.support).toBe('https://predict.example.org/api/errors#not_found')
  await server.close()
})

test('forwarded headers are believed only when the proxy is trusted', async () => {
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'outside.example' }
  const linkOf = async (env: Environment) => {
    const server = await start(env)
    const { json } = await request(server.url, 'GET', '/nothing', { headers, token: null })
    await server.close()
    return new URL(json.support).host
  }
  expect(await linkOf({ POSTERIOR_TRUST_PROXY: 'true' })).toBe('outside.example')
  expect(await linkOf({})).toMatch(/^127\.0\.0\.1:/)
})

test('database and files may be elsewhere', async () => {
  const env = {
    POSTERIOR_DATABASE_URL: `sqlite:${join(folder.path, 'elsewhere.sqlite')}`,
    POSTERIOR_BLOB_URL: `file:${join(folder.path, 'files')}`,
  }
  const server = await start(env)
  expect(await readdir(folder.path)).toEqual(expect.arrayContaining(['data', 'elsewhere.sqlite', 'files']))
  expect(await readdir(join(folder.path, 'files'))).toEqual(expect.arrayContaining(['blobs', 'contexts']))
  const other = { ...env, POSTERIOR_DATA_DIR: join(folder.path, 'other') }
  await expect(start(other)).rejects.toThrow(/used by another/)
  await server.close()
})

test('a start that fails releases what it had taken', async () => {
  const server = await start()
  const { port } = new URL(server.url)
  const data = join(folder.path, 'second')
  await expect(start({ POSTERIOR_PORT: port, POSTERIOR_DATA_DIR: data })).rejects.toThrow(
    /Another program listens/,
  )
  const retry = await start({ POSTERIOR_DATA_DIR: data })
  await retry.close()
  await server.close()
})

test('a data folder or a port that is in use stops the start with what to do about it', async () => {
  const first = await start()
  await expect(start()).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/data folder .* used by another Posterior server.*POSTERIOR_DATA_DIR/),
  })
  const elsewhere = {
    POSTERIOR_DATA_DIR: join(folder.path, 'other'),
    POSTERIOR_PORT: new URL(first.url).port,
  }
  await expect(start(elsewhere)).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/Another program listens on .*POSTERIOR_PORT/),
  })
  await first.close()
})
