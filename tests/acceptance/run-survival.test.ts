/**
 * Training runs outlive what trains them: the trainer, the server, or both are ended with kill -9 in the middle of a run,
 * and the run ends with the bytes of one that nothing happened to.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/start-server.ts'

const ORDER = {
  prior: { id: 'coin-flip', overrides: { num_flips: [10, 14] } },
  hyperparams: { steps: 40, batch_size: 2, eval_every: 20, seed: 7 },
}
/** Polls end when the run is over; this is only for a server that hangs. */
const TIMEOUT_MS = 240_000

const dataDir = mkdtempSync(join(tmpdir(), 'posterior-survival-'))
let server: TestServer
let expected: { checksum: string; results: Results }

beforeAll(async () => {
  server = await start()
  await call('POST', '/projects', { name: 'Survival' })
  const run = await order()
  expected = { checksum: await checksumAtEnd(run), results: await resultsOf(run) }
}, TIMEOUT_MS)
afterAll(async () => {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

/** A server on the same data each time. The log names the process of each run. */
const start = () =>
  startServer({ dataDir, env: { POSTERIOR_TRAINING_WORKERS: '1', POSTERIOR_LOG_LEVEL: 'info' } })

// biome-ignore lint/suspicious/noExplicitAny: a black box's JSON is checked by the tests, not by types
async function call(method: string, path: string, body?: unknown): Promise<any> {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${server.token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const answer = await response.json()
  if (!response.ok)
    throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`)
  return answer
}

interface Results {
  steps: number
  final_loss: number
  evals: unknown
}

/** @returns the id of a new run */
async function order(): Promise<string> {
  return (await call('POST', '/projects/survival/runs', ORDER)).id
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await delay(10)
  }
}

/** Resolves when a state of the run is on disk that is not its last. */
async function savedOnce(id: string): Promise<void> {
  const step = await eventually(async () => {
    const { events } = await call('GET', `/projects/survival/runs/${id}/events`)
    return events.find(({ event }: { event: string }) => event === 'saved')?.step as number | undefined
  })
  expect(step).toBeLessThan(ORDER.hyperparams.steps)
}

async function checksumAtEnd(id: string): Promise<string> {
  const run = await eventually(async () => {
    const shown = await call('GET', `/projects/survival/runs/${id}`)
    return ['queued', 'running'].includes(shown.status) ? undefined : shown
  })
  expect([run.status, run.error]).toEqual(['completed', null])
  const weights = await readFile(join(dataDir, 'runs', id, 'model', 'model.safetensors'))
  return createHash('sha256').update(weights).digest('hex')
}

/** What does not depend on the clock. */
async function resultsOf(id: string): Promise<Results> {
  const { steps, final_loss, evals } = (await call('GET', `/projects/survival/runs/${id}`)).results
  return { steps, final_loss, evals }
}

/** The process that trains the run, as the log of this server has it. */
function trainerOf(id: string): number {
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.includes(id) && line.includes('"trainer"'))
  return JSON.parse(lines.at(-1)!).trainer
}

/** What has ended and waits for a parent to ask how counts as ended. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !stat.includes(') Z ')
}

async function expectSameEnd(id: string): Promise<void> {
  expect(await checksumAtEnd(id)).toBe(expected.checksum)
  expect(await resultsOf(id)).toEqual(expected.results)
}

test(
  'a run whose trainer is killed',
  async () => {
    const id = await order()
    await savedOnce(id)
    process.kill(trainerOf(id), 'SIGKILL')
    await expectSameEnd(id)
  },
  TIMEOUT_MS,
)

test(
  'a run whose server is killed, while its trainer is stuck and holds the run until it moves again',
  async () => {
    const id = await order()
    await savedOnce(id)
    const orphan = trainerOf(id)
    process.kill(orphan, 'SIGSTOP')
    await server.stop('SIGKILL')
    server = await start()
    // The next trainer of the run is there, and gets no further than the lock.
    const next = await eventually(async () =>
      server.output().includes('"trainer"') ? trainerOf(id) : undefined,
    )
    expect(next).not.toBe(orphan)
    const { events } = await call('GET', `/projects/survival/runs/${id}/events`)
    expect(events.filter(({ event }: { event: string }) => event === 'start')).toHaveLength(1)
    process.kill(orphan, 'SIGCONT')
    await expectSameEnd(id)
    expect(await isAlive(orphan)).toBe(false)
  },
  TIMEOUT_MS,
)

test(
  'a run whose trainer and server are killed at once',
  async () => {
    const id = await order()
    await savedOnce(id)
    process.kill(trainerOf(id), 'SIGKILL')
    await server.stop('SIGKILL')
    server = await start()
    await expectSameEnd(id)
  },
  TIMEOUT_MS,
)
