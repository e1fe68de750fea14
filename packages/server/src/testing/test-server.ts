/** A real server on a free port over a temporary folder, with small helpers for the upload protocol. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ErrorEnvelope } from '@posterior/contracts'
import type { FastifyBaseLogger } from 'fastify'
import { openDatabase } from '../adapters/sqlite/open.ts'
import { sqliteStores } from '../adapters/sqlite/stores.ts'
import { systemClock, systemIds } from '../adapters/system/system.ts'
import type { Environment } from '../config.ts'
import { Accounts } from '../domain/accounts/accounts.ts'
import type { Predictor } from '../domain/ports/predictor.ts'
import type { Trainer } from '../domain/ports/runs.ts'
import type { Clock } from '../domain/ports/system.ts'
import { startServer } from '../start.ts'
import { FakePredictor } from './fake-predictor.ts'

export const ADMIN_TOKEN = 'test-admin-token'

export interface TestServer {
  url: string
  dataDir: string
  /** Call a route with the administrator's token, or another one; JSON in and out. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  close(): Promise<void>
}

export interface CallOptions {
  body?: unknown
  token?: string | null
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  json: any
}

/** A new temporary folder, removed by `cleanUp`. */
export async function temporaryFolder(): Promise<{ path: string; cleanUp: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'posterior-test-'))
  return { path, cleanUp: () => rm(path, { recursive: true, force: true }) }
}

/** Make accounts in a running server's database. @returns their tokens, in the order of the names */
export async function createAccounts(
  { dataDir }: Pick<TestServer, 'dataDir'>,
  ...names: string[]
): Promise<string[]> {
  const db = await openDatabase(join(dataDir, 'posterior.sqlite'))
  try {
    const accounts = new Accounts({ store: sqliteStores(db).accounts, clock: systemClock, ids: systemIds })
    const tokens: string[] = []
    for (const name of names) tokens.push((await accounts.create(name)).token)
    return tokens
  } finally {
    await db.destroy()
  }
}

/** Start a server. Without `dataDir` it gets a folder of its own, which is removed when it is closed. */
export async function startTestServer(
  options: {
    env?: Environment
    predictor?: Predictor
    trainer?: Trainer
    dataDir?: string
    clock?: Clock
    log?: FastifyBaseLogger
  } = {},
): Promise<TestServer> {
  const own = options.dataDir === undefined ? await temporaryFolder() : undefined
  const dataDir = options.dataDir ?? own?.path ?? ''
  const server = await startServer({
    env: {
      POSTERIOR_PORT: '0',
      POSTERIOR_DATA_DIR: dataDir,
      POSTERIOR_ADMIN_TOKEN: ADMIN_TOKEN,
      POSTERIOR_LOG_LEVEL: 'silent',
      ...options.env,
    },
    predictor: options.predictor ?? new FakePredictor(),
    ...(options.trainer && { trainer: options.trainer }),
    ...(options.clock && { clock: options.clock }),
    ...(options.log && { log: options.log }),
  })
  return {
    url: server.url,
    dataDir,
    call: (method, path, call) => request(server.url, method, path, call),
    close: async () => {
      await server.close()
      await own?.cleanUp()
    },
  }
}

/** One request; a string body is sent as it is, anything else as JSON. */
export async function request(
  base: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { body, token = ADMIN_TOKEN, headers = {} } = options
  const response = await fetch(new URL(path, base), {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && {
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

/** PUT bytes to a signed URL as a plain program does: no token, no content type. */
export async function put(url: string, bytes: string | Uint8Array): Promise<Answer> {
  const response = await fetch(url, { method: 'PUT', body: bytes as string })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

/** Prepare and upload a training set of CSV texts; answers its id. */
export async function uploadTrainSet(
  server: Pick<TestServer, 'call'>,
  files: { x: string; y: string },
  token = ADMIN_TOKEN,
): Promise<string> {
  const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
  const { json } = await server.call('POST', '/tabpfn/prepare_train_set_upload', { body, token })
  await put(json.x_train_info.signed_urls[0], files.x)
  await put(json.y_train_info.signed_urls[0], files.y)
  return json.train_set_upload_id
}

/** Upload and fit; answers the id of the fit. */
export async function fitTrainSet(
  server: Pick<TestServer, 'call'>,
  files: { x: string; y: string },
  options: { task?: string; config?: unknown; token?: string } = {},
): Promise<string> {
  const { task = 'classification', config, token = ADMIN_TOKEN } = options
  const id = await uploadTrainSet(server, files, token)
  const body = { train_set_upload_id: id, task, tabpfn_config: config }
  const answer = await server.call('POST', '/tabpfn/fit', { body, token })
  if (answer.status !== 200) throw new Error(`fit answered ${answer.status}: ${answer.text}`)
  return answer.json.fitted_train_set_id
}

/** Prepare and upload the rows to predict; answers the id of the test set. */
export async function uploadTestSet(
  server: Pick<TestServer, 'call'>,
  fitId: string,
  x: string,
  token = ADMIN_TOKEN,
): Promise<string> {
  const body = { fitted_train_set_id: fitId, x_test_info: { format: 'csv' } }
  const { json } = await server.call('POST', '/tabpfn/prepare_test_set_upload', { body, token })
  await put(json.x_test_info.signed_urls[0], x)
  return json.test_set_upload_id
}

/** A small classification problem: ten rows, two columns, classes `no` and `yes`. */
export const CLASSES_CSV = {
  x: `a,b\n${Array.from({ length: 10 }, (_, i) => `${i},${i * 2}`).join('\n')}\n`,
  y: `label\n${Array.from({ length: 10 }, (_, i) => (i < 4 ? 'yes' : 'no')).join('\n')}\n`,
}

/** A small regression problem: ten rows, two columns. */
export const NUMBERS_CSV = {
  x: CLASSES_CSV.x,
  y: `price\n${Array.from({ length: 10 }, (_, i) => i * 1.5).join('\n')}\n`,
}

/** Wait until the self-test is over, so that it is not counted among the calls of a test. */
export async function whenReady(server: Pick<TestServer, 'call'>): Promise<void> {
  await until(async () => (await server.call('GET', '/health/ready')).status === 200, 30_000)
}

/** Wait until `check` is true. */
export async function until(check: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await check())) {
    if (Date.now() > end) throw new Error('the expected state did not come')
    await delay(20)
  }
}

/** The envelope of a failed answer. */
export function envelopeOf(answer: Answer): ErrorEnvelope {
  return answer.json
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
