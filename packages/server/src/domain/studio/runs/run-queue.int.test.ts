import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../../../adapters/sqlite/open.ts'
import { sqliteStores } from '../../../adapters/sqlite/stores.ts'
import { FakeTrainer, RESULTS } from '../../../testing/fake-trainer.ts'
import { until } from '../../../testing/test-server.ts'
import type { Run, RunStore } from '../../ports/runs.ts'
import { TrainingFailed } from '../../ports/runs.ts'
import { RunQueue, type RunQueueDeps } from './run-queue.ts'

const LIMITS = { runs: 100, unfinished: 100, accountUnfinished: null }
const SILENT = { info() {}, warn() {}, error() {} }
let store: RunStore
let trainer: FakeTrainer
let close: () => Promise<void>
let now: number

beforeEach(async () => {
  const db = await openDatabase(':memory:')
  close = () => db.destroy()
  const stores = sqliteStores(db)
  store = stores.runs
  trainer = new FakeTrainer()
  now = 1
  await db
    .insertInto('studio_projects')
    .values({
      ...{ id: 'p', account_id: null, slug: 'p', slug_key: 'p', name: 'P' },
      ...{ description: '', roadmap: '', created_at: 0, updated_at: 0 },
    })
    .execute()
  for (const id of ['ann', 'ben']) {
    await db
      .insertInto('accounts')
      .values({ id, name: id, created_at: 0, is_admin: 0 } as never)
      .execute()
  }
})
afterEach(() => close())

const FREE: RunQueueDeps['allowance'] = { mayTrain: async () => true, spend: async () => true }
const newQueue = (atOnce = 1, allowance = FREE) =>
  new RunQueue({
    ...{ store, trainer, clock: { now: () => now++ }, log: SILENT, atOnce, allowance },
    onChange: () => {},
  })

async function queued(
  id: string,
  accountId: string | null = null,
  status: 'queued' | 'draft' = 'queued',
): Promise<Run> {
  const run: Parameters<RunStore['insert']>[0] = {
    ...{ id, projectId: 'p', slug: null, description: null, plan: {}, results: null },
    status,
    compute: { target: 'server', runner: null, provider: 'cpu', maxSeconds: null },
    accountId,
    prior: { id: null, slug: 'coin-flip', version: '1.0.0', overrides: {} },
    model: { id: null, slug: 'quick', version: null, size: 'quick' },
    evals: [{ id: 'e', slug: 'held-out', version: '1.0.0' }],
    ...{ hyperparams: {}, error: null, createdAt: now++, startedAt: null, finishedAt: null },
  }
  return (await store.insert(run, LIMITS)) as Run
}

const statusOf = async (id: string) => (await store.find('p', id))?.status
const eventsOf = async (id: string) => (await store.events(id, 0, 100)).map(({ event }) => event)
const comesTo = (id: string, status: string) => until(async () => (await statusOf(id)) === status)

test('runs train one after the other in the order in which they came, and get slugs', async () => {
  const [a, b] = [await queued('a'), await queued('b')]
  expect([a.slug, b.slug]).toEqual(['v0_1', 'v0_2'])
  const queue = newQueue()
  await queue.open()
  expect([await statusOf('a'), await statusOf('b')]).toEqual(['running', 'queued'])
  trainer.started[0]!.emit({ event: 'step', fields: { step: 0 } })
  trainer.started[0]!.finish()
  await comesTo('b', 'running')
  const { status, results, finishedAt } = (await store.find('p', 'v0-1'))!
  expect([status, results?.steps]).toEqual(['completed', RESULTS.steps])
  expect(finishedAt).toBeGreaterThan(0)
  expect(await eventsOf('a')).toEqual(['step', 'done'])
  await queue.close()
})

test('a draft waits from when it was submitted, also after a restart', async () => {
  const draft = await queued('draft', null, 'draft')
  await queued('a')
  await queued('b')
  expect(await store.submit(draft, LIMITS, now++)).toBe('submitted')
  await queued('c')
  for (const started of [
    ['a', 'b'],
    ['b', 'draft'],
    ['draft', 'c'],
  ]) {
    const queue = newQueue()
    await queue.open()
    trainer.started.at(-1)!.finish()
    await comesTo(started[1]!, 'running')
    // What was training goes on with its place.
    await queue.close()
    expect(trainer.started.slice(-2).map(({ id }) => id)).toEqual(started)
  }
})

test('as many train at once as are allowed', async () => {
  for (const id of ['a', 'b', 'c']) await queued(id)
  const queue = newQueue(2)
  await queue.open()
  expect(trainer.started.map(({ id }) => id)).toEqual(['a', 'b'])
  await queue.close()
})

test('a run that learned nothing is skipped, and one that the trainer refuses has failed with its words', async () => {
  await queued('a')
  await queued('b')
  const queue = newQueue()
  await queue.open()
  trainer.started[0]!.finish({ kind: 'skipped', reason: 'no gradient' })
  await comesTo('b', 'running')
  expect(await store.find('p', 'a')).toMatchObject({ status: 'skipped', error: 'no gradient', results: null })
  trainer.started[1]!.fail(new TrainingFailed('lower the learning rate'))
  await comesTo('b', 'failed')
  expect((await store.find('p', 'b'))?.error).toBe('lower the learning rate')
  expect(await eventsOf('b')).toEqual(['error'])
  await queue.close()
})

test('a run whose process dies goes on, until it dies over and over without getting further', async () => {
  await queued('a')
  const queue = newQueue()
  await queue.open()
  const starts = async (count: number) => until(() => trainer.started.length === count)
  trainer.started[0]!.die()
  await starts(2)
  trainer.started[1]!.die()
  await starts(3)
  trainer.started[2]!.emit({ event: 'saved', fields: { step: 1 } })
  trainer.started[2]!.die()
  for (const count of [4, 5]) {
    await starts(count)
    trainer.started[count - 1]!.die()
  }
  await starts(6)
  trainer.started[5]!.die()
  await comesTo('a', 'failed')
  expect(trainer.started.length).toBe(6)
  await queue.close()
})

test('a queue that is closed leaves its run to the next one', async () => {
  await queued('a')
  const first = newQueue()
  await first.open()
  await first.close()
  expect([trainer.started[0]!.isStopped, await statusOf('a')]).toEqual([true, 'running'])
  const second = newQueue()
  await second.open()
  trainer.started[1]!.finish()
  await comesTo('a', 'completed')
  await second.close()
})

test('an account that may train no other run now does not hold up those of others', async () => {
  for (const [id, account] of [
    ['a', 'ann'],
    ['b', 'ann'],
    ['c', 'ben'],
  ] as const)
    await queued(id, account)
  const queue = newQueue(3, { ...FREE, mayTrain: async (_, training) => training < 1 })
  await queue.open()
  expect(trainer.started.map(({ id }) => id)).toEqual(['a', 'c'])
  trainer.started[0]!.finish()
  await comesTo('b', 'running')
  await queue.close()
})

test('a run whose account has used up its day is stopped, waits, and goes on when there is time again', async () => {
  await queued('a', 'ann')
  const spent: number[] = []
  let isMore = true
  const allowance: RunQueueDeps['allowance'] = {
    mayTrain: async () => isMore,
    spend: async (_, milliseconds) => {
      spent.push(milliseconds)
      return isMore
    },
  }
  const queue = newQueue(1, allowance)
  await queue.open()
  now += 20_000
  trainer.started[0]!.emit({ event: 'step', fields: { step: 0 } })
  await until(() => spent.length === 1)
  expect(spent[0]).toBeGreaterThanOrEqual(20_000)
  isMore = false
  now += 20_000
  trainer.started[0]!.emit({ event: 'step', fields: { step: 1 } })
  await comesTo('a', 'queued')
  expect(trainer.started[0]!.isStopped).toBe(true)
  expect(await eventsOf('a')).toEqual(['step', 'step', 'log'])
  isMore = true
  await queue.fill()
  await until(() => trainer.started.length === 2)
  trainer.started[1]!.finish()
  await comesTo('a', 'completed')
  await queue.close()
})
