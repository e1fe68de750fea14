import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TableError } from '@posterior/tabular'
import { afterEach, beforeEach, expect, onTestFailed, onTestFinished, test, vi } from 'vitest'
import { EngineError } from '../errors.ts'
import type { TestJob, TestSettings } from './fixtures/test-child.ts'
import { type PoolEvent, type PoolJob, type PoolOptions, WorkerPool } from './worker-pool.ts'

const MiB = 2 ** 20
let folder = ''
let events: PoolEvent[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pool-test-'))
  events = []
})

afterEach(() => {
  let failed = false
  onTestFailed(() => {
    failed = true
  })
  if (!failed) rmSync(folder, { recursive: true, force: true })
})

async function startPool(
  options: Partial<PoolOptions> & { settings?: TestSettings } = {},
): Promise<WorkerPool> {
  const pool = await WorkerPool.start({
    entry: new URL('./fixtures/test-child.ts', import.meta.url),
    settings: {},
    processes: 1,
    maxQueue: 10,
    maxJobsPerChild: 1000,
    maxGrowthBytes: 1000 * MiB,
    maxResidentBytes: 4000 * MiB,
    startTimeoutMs: 20_000,
    cancelGraceMs: 200,
    environment: {},
    onEvent: (event) => events.push(event),
    ...options,
  })
  onTestFinished(() => pool.close({ drainMs: 0 }))
  return pool
}

function run(pool: WorkerPool, payload: TestJob, job: Partial<PoolJob> = {}): Promise<unknown> {
  return pool.run({ payload, heavy: false, repeatable: false, ...job })
}

async function failureOf(promise: Promise<unknown>): Promise<EngineError | TableError> {
  const error = await promise.then(
    () => 'no error',
    (reason) => reason,
  )
  if (error instanceof EngineError || error instanceof TableError) return error
  throw new Error(`Expected a known error, got ${error}.`)
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await failureOf(promise)).code
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('jobs carry typed arrays there and back', async () => {
  const pool = await startPool()
  const value = { table: Float64Array.of(1, Number.NaN, 3), names: ['a'] }
  expect(await run(pool, { do: 'echo', value })).toEqual(value)
})

test('a child inherits nothing from the environment', async () => {
  const pool = await startPool({ environment: { LANG: 'C' } })
  const { environment } = (await run(pool, { do: 'describe' })) as { environment: string[] }
  expect(environment.filter((name) => !name.startsWith('NODE_CHANNEL'))).toEqual(['LANG'])
})

test('known errors keep class, code and details; a bug becomes internal with its cause', async () => {
  const pool = await startPool()
  await expect(run(pool, { do: 'throw', what: 'table' })).rejects.toMatchObject({
    name: 'TableError',
    code: 'one_class',
    details: { classes: 1 },
  })
  await expect(run(pool, { do: 'throw', what: 'engine' })).rejects.toMatchObject({
    code: 'unknown_model',
    retryable: false,
    details: { id: 9 },
  })
  const bug = await failureOf(run(pool, { do: 'throw', what: 'other' }))
  expect(bug.code).toBe('internal')
  expect(bug.message).not.toContain('a bug')
  expect(bug.cause).toMatchObject({ name: 'RangeError', message: 'a bug' })
  expect(await codeOf(run(pool, { do: 'unclonable' }))).toBe('internal')
  expect(await run(pool, { do: 'echo', value: 1 })).toBe(1)
})

test('progress is reported in order', async () => {
  const pool = await startPool()
  const seen: string[] = []
  await run(pool, { do: 'count', to: 3 }, { onProgress: (done, total) => seen.push(`${done}/${total}`) })
  expect(seen).toEqual(['1/3', '2/3', '3/3'])
})

test('a crash fails its job as retryable and the next job runs in a new child', async () => {
  const pool = await startPool()
  const error = await failureOf(run(pool, { do: 'crash' }))
  expect(error).toMatchObject({ code: 'worker_crashed', retryable: true })
  expect(error.message).not.toContain('about to crash')
  expect((error.cause as Error).message).toContain('about to crash')
  expect(await run(pool, { do: 'echo', value: 'alive' })).toBe('alive')
  expect(pool.stats.crashes).toBe(1)
})

test('a repeatable job survives one crash, not two', async () => {
  const pool = await startPool()
  const pid = await run(pool, { do: 'crash-once', file: join(folder, 'crashed') }, { repeatable: true })
  expect(pid).toBeTypeOf('number')
  expect(await codeOf(run(pool, { do: 'crash' }, { repeatable: true }))).toBe('worker_crashed')
  expect(pool.stats.crashes).toBe(3)
})

test('a cancelled job that looks at its signal stops and its child lives on', async () => {
  const pool = await startPool({ cancelGraceMs: 20_000 })
  const before = (await run(pool, { do: 'describe' })) as { pid: number }
  const abort = new AbortController()
  const job = run(pool, { do: 'wait', ms: 60_000 }, { signal: abort.signal })
  setTimeout(() => abort.abort(), 20)
  expect(await codeOf(job)).toBe('aborted')
  expect(await run(pool, { do: 'describe' })).toMatchObject({ pid: before.pid })
})

test('a cancelled job that blocks is ended with its child, which counts as no crash', async () => {
  const pool = await startPool()
  const abort = new AbortController()
  const started = Date.now()
  const job = run(pool, { do: 'block', ms: 60_000 }, { signal: abort.signal, repeatable: true })
  setTimeout(() => abort.abort(), 50)
  expect(await codeOf(job)).toBe('aborted')
  expect(Date.now() - started).toBeLessThan(10_000)
  expect(await run(pool, { do: 'echo', value: 1 })).toBe(1)
  expect(pool.stats.crashes).toBe(0)
})

test('a waiting job can be cancelled, and one with a signal that fired is never run', async () => {
  const pool = await startPool()
  const running = run(pool, { do: 'wait', ms: 300 })
  const abort = new AbortController()
  const waiting = run(pool, { do: 'crash' }, { signal: abort.signal })
  abort.abort()
  expect(await codeOf(waiting)).toBe('aborted')
  expect(await codeOf(run(pool, { do: 'crash' }, { signal: AbortSignal.abort() }))).toBe('aborted')
  await running
  expect(pool.stats.crashes).toBe(0)
})

test('a full queue refuses, and what waits is served in order', async () => {
  const pool = await startPool({ maxQueue: 2 })
  const order: number[] = []
  const first = run(pool, { do: 'wait', ms: 200 })
  const waiting = [1, 2].map((i) =>
    run(pool, { do: 'echo', value: i }).then((value) => order.push(value as number)),
  )
  const refused = run(pool, { do: 'echo', value: 3 })
  await expect(refused).rejects.toMatchObject({
    code: 'engine_busy',
    retryable: true,
    details: { waiting: 2 },
  })
  await Promise.all([first, ...waiting])
  expect(order).toEqual([1, 2])
})

test('a job goes to the child that holds its context, and does not wait for it when it is busy', async () => {
  const pool = await startPool({ processes: 2 })
  const [a, b] = (await Promise.all([
    run(pool, { do: 'hold', key: 'left' }),
    run(pool, { do: 'hold', key: 'right' }),
  ])) as [number, number]
  expect(a).not.toBe(b)
  for (const [key, pid] of [
    ['right', b],
    ['left', a],
    ['right', b],
  ] as const) {
    expect(await run(pool, { do: 'describe' }, { affinity: key })).toMatchObject({ pid })
  }
  const busy = run(pool, { do: 'wait', ms: 500 }, { affinity: 'left' })
  expect(await run(pool, { do: 'describe' }, { affinity: 'left' })).toMatchObject({ pid: b })
  expect(await busy).toBe(a)
})

test('heavy jobs leave one child free', async () => {
  const pool = await startPool({ processes: 2 })
  const heavy = [1, 2].map(() => run(pool, { do: 'wait', ms: 1000 }, { heavy: true }))
  await run(pool, { do: 'echo', value: 1 })
  expect(pool.stats).toMatchObject({ busy: 1, waiting: 1 })
  await Promise.all(heavy)
})

test('a child is replaced after its share of jobs, without a job failing', async () => {
  const pool = await startPool({ maxJobsPerChild: 5 })
  const pids = new Set<number>()
  const deadline = Date.now() + 30_000
  while (pids.size < 3 && Date.now() < deadline) {
    pids.add(((await run(pool, { do: 'describe' })) as { pid: number }).pid)
    await sleep(5)
  }
  expect(pids.size).toBe(3)
  expect(pool.stats).toMatchObject({ crashes: 0, processes: 1 })
  for (const event of events) if (event.type === 'child-exited') expect(event.expected).toBe(true)
})

test('a child that grew is replaced and its memory is given back', async () => {
  const pool = await startPool({ maxGrowthBytes: 100 * MiB })
  const grown = (await run(pool, { do: 'grow', bytes: 200 * MiB })) as number
  expect(pool.stats.recycled).toBe(1)
  await vi.waitFor(() => expect(isAlive(grown)).toBe(false), { timeout: 10_000 })
  expect(pool.stats.rssBytes).toBeLessThan(200 * MiB)
  expect(((await run(pool, { do: 'describe' })) as { pid: number }).pid).not.toBe(grown)
})

test('a pool whose children cannot start says why', async () => {
  await expect(startPool({ settings: { failStart: true } })).rejects.toMatchObject({ code: 'model_corrupt' })
  const entry = new URL('./fixtures/no-such-file.ts', import.meta.url)
  const error = await failureOf(startPool({ entry }))
  expect(error).toMatchObject({ code: 'engine_unavailable', retryable: true })
  expect(error.message).toContain('no-such-file')
})

test('when children can no longer start, jobs are refused until they can again', async () => {
  const flag = join(folder, 'fail')
  const pool = await startPool({ settings: { failWhile: flag } })
  writeFileSync(flag, '')
  expect(await codeOf(run(pool, { do: 'crash' }))).toBe('worker_crashed')
  expect(await codeOf(run(pool, { do: 'echo', value: 1 }))).toBe('engine_unavailable')
  rmSync(flag)
  await vi.waitFor(async () => expect(await run(pool, { do: 'echo', value: 2 })).toBe(2), {
    timeout: 20_000,
    interval: 200,
  })
})

test('closing lets running jobs finish, refuses the rest and leaves no process', async () => {
  const pool = await startPool()
  const { pid } = (await run(pool, { do: 'describe' })) as { pid: number }
  const running = run(pool, { do: 'wait', ms: 300 })
  const waiting = run(pool, { do: 'echo', value: 1 })
  const [value, code] = await Promise.all([running, codeOf(waiting), pool.close({ drainMs: 10_000 })])
  expect(value).toBe(pid)
  expect(code).toBe('engine_closed')
  expect(await codeOf(run(pool, { do: 'echo', value: 1 }))).toBe('engine_closed')
  expect(isAlive(pid)).toBe(false)
})

test('closing without patience ends running jobs', async () => {
  const pool = await startPool()
  const running = codeOf(run(pool, { do: 'block', ms: 60_000 }))
  await sleep(50)
  await pool.close({ drainMs: 100 })
  expect(await running).toBe('engine_closed')
})

test.runIf(process.platform === 'linux')(
  'a job that takes more memory than a process may have is broken off, not tried again, and others go on',
  async () => {
    const pool = await startPool({ maxResidentBytes: 400 * MiB })
    const greedy = run(pool, { do: 'swell', bytes: 600 * MiB, ms: 20_000 }, { repeatable: true })
    const error = await failureOf(greedy)
    expect(error).toMatchObject({ code: 'too_large_for_memory', retryable: false })
    expect(error.message).toMatch(/more than the 400 MiB/)
    expect(await run(pool, { do: 'echo', value: 7 })).toBe(7)
  },
)

test('a background job waits for every other job, and does not count as waiting', async () => {
  const pool = await startPool({ maxQueue: 2 })
  const order: string[] = []
  const note = (name: string) => () => order.push(name)
  const running = run(pool, { do: 'wait', ms: 200 })
  const jobs = [
    run(pool, { do: 'echo', value: 0 }, { background: true, heavy: true }).then(note('background 1')),
    run(pool, { do: 'echo', value: 0 }, { background: true, heavy: true }).then(note('background 2')),
    run(pool, { do: 'echo', value: 0 }).then(note('prediction')),
    run(pool, { do: 'echo', value: 0 }, { heavy: true }).then(note('fit')),
  ]
  expect(pool.stats.waiting).toBe(2)
  await Promise.all([running, ...jobs])
  expect(order).toEqual(['prediction', 'fit', 'background 1', 'background 2'])
})

test('a waiting background job can be cancelled, and is refused when the pool closes', async () => {
  const pool = await startPool()
  const running = run(pool, { do: 'wait', ms: 300 })
  const abort = new AbortController()
  const cancelled = run(pool, { do: 'echo', value: 0 }, { background: true, signal: abort.signal })
  const refused = run(pool, { do: 'echo', value: 0 }, { background: true })
  abort.abort()
  expect(await codeOf(cancelled)).toBe('aborted')
  const closed = codeOf(refused)
  await pool.close({ drainMs: 1000 })
  expect(await closed).toBe('engine_closed')
  await running
})
