/** What every implementation of the usage store has to do. */
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { UsageHold, UsageStore, UsageTotals } from '../../domain/ports/usage.ts'
import { accountOf, tokenOf } from '../../testing/account-rows.ts'
import { temporaryFolder } from '../../testing/test-server.ts'
import { openDatabase } from './open.ts'
import { sqliteStores } from './stores.ts'

const DAY = { day: '2026-11-22', month: '2026-11' }
const NEXT_DAY = { day: '2026-11-23', month: '2026-11' }

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let db: Awaited<ReturnType<typeof openDatabase>>
let usage: UsageStore

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase(join(folder.path, 'test.sqlite'))
  const stores = sqliteStores(db)
  usage = stores.usage
  for (const id of ['alice', 'bob']) {
    await stores.accounts.insert(accountOf(id, { isAdmin: id === 'alice' }), {
      passwordHash: null,
      token: tokenOf(`token-${id}`),
    })
  }
})
afterEach(async () => {
  await db.destroy()
  await folder.cleanUp()
})

function holdOf(id: string, change: Partial<UsageHold> = {}): UsageHold {
  return {
    id,
    accountId: 'alice',
    requestKey: `request ${id}`,
    subject: 'rows',
    operation: 'predict',
    tokens: 5_000_000_000,
    thinkingFits: 1,
    createdAt: 1_000,
    ...DAY,
    ...change,
  }
}

const allow = () => {}
const hold = (id: string, change: Partial<UsageHold> = {}, sharedSince = 0) =>
  usage.hold(holdOf(id, change), { sharedSince, decide: allow })
const tokens = async (accountId = 'alice', periods = DAY) =>
  (await usage.totals(accountId, periods)).dayTokens

test('amounts are added to their day and month from the moment they are held', async () => {
  await hold('a')
  await hold('b', NEXT_DAY)
  expect(await usage.totals('alice', DAY)).toEqual({
    dayTokens: 5_000_000_000,
    monthTokens: 10_000_000_000,
    monthThinkingFits: 2,
  })
  expect(await tokens('bob')).toBe(0)
  expect(await tokens('alice', { day: '2026-12-01', month: '2026-12' })).toBe(0)
})

test('a refusal holds nothing, and the decision sees all that was held before', async () => {
  await hold('a')
  const seen: UsageTotals[] = []
  const refuse = (totals: UsageTotals) => {
    seen.push(totals)
    throw new Error('no')
  }
  await expect(usage.hold(holdOf('b'), { sharedSince: 0, decide: refuse })).rejects.toThrow('no')
  expect(seen).toEqual([{ dayTokens: 5_000_000_000, monthTokens: 5_000_000_000, monthThinkingFits: 1 }])
  expect(await tokens()).toBe(5_000_000_000)
})

test('requests at the same time are decided one after the other', async () => {
  const decide = ({ dayTokens }: UsageTotals) => {
    if (dayTokens >= 3) throw new Error('spent')
  }
  const all = Array.from({ length: 10 }, (_, i) =>
    usage.hold(holdOf(`h${i}`, { tokens: 1 }), { sharedSince: 0, decide }),
  )
  const outcomes = await Promise.allSettled(all)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(await tokens()).toBe(3)
})

test('the same request shares a charge, of its own account only, without being decided again', async () => {
  const first = await hold('a', { requestKey: 'same' })
  expect(first).toEqual({ id: 'a', tokens: 5_000_000_000, isShared: false })
  await usage.settle('a')
  const refuse = () => {
    throw new Error('spent')
  }
  const again = await usage.hold(holdOf('b', { requestKey: 'same' }), { sharedSince: 0, decide: refuse })
  expect(again).toEqual({ id: 'a', tokens: 5_000_000_000, isShared: true })
  const other = await hold('c', { requestKey: 'same', accountId: 'bob' })
  expect(other.isShared).toBe(false)
  expect(await usage.hasOpenCharge('alice', 'same', 0)).toBe(true)
  expect(await usage.hasOpenCharge('alice', 'other', 0)).toBe(false)
})

test('a charge is shared for a time, and as long as its work runs', async () => {
  await hold('a', { requestKey: 'same', createdAt: 1_000 })
  expect((await hold('b', { requestKey: 'same' }, 1_000)).id).toBe('a')
  await usage.settle('a')
  await usage.settle('a')
  expect(await usage.hasOpenCharge('alice', 'same', 999)).toBe(true)
  expect(await usage.hasOpenCharge('alice', 'same', 1_000)).toBe(false)
  expect((await hold('c', { requestKey: 'same' }, 1_000)).isShared).toBe(false)
})

test('amounts are given back when every holder failed, and kept when one settled', async () => {
  await hold('a', { requestKey: 'same' })
  await hold('b', { requestKey: 'same' })
  await usage.release('a')
  expect(await tokens()).toBe(5_000_000_000)
  await usage.release('a')
  expect(await usage.totals('alice', DAY)).toEqual({ dayTokens: 0, monthTokens: 0, monthThinkingFits: 0 })
  await usage.release('a')
  expect(await tokens()).toBe(0)

  await hold('c', { requestKey: 'other' })
  await hold('d', { requestKey: 'other' })
  await usage.settle('c')
  await usage.release('c')
  expect(await tokens()).toBe(5_000_000_000)
})

test('amounts are given back to the day that they were held on', async () => {
  await hold('a')
  await hold('b', NEXT_DAY)
  await usage.release('a')
  expect([await tokens(), await tokens('alice', NEXT_DAY)]).toEqual([0, 5_000_000_000])
})

test('a charge is not shared any more once its subject was taken up anew, unless its work still runs', async () => {
  await hold('a', { requestKey: 'done' })
  await usage.settle('a')
  await hold('b', { requestKey: 'running' })
  await usage.closeCharges('alice', 'other rows')
  await usage.closeCharges('bob', 'rows')
  expect(await usage.hasOpenCharge('alice', 'done', 0)).toBe(true)
  await usage.closeCharges('alice', 'rows')
  expect(await usage.hasOpenCharge('alice', 'done', 0)).toBe(false)
  expect(await usage.hasOpenCharge('alice', 'running', 0)).toBe(true)
})

test('work that a kill broke off gives back what it held, and a settled charge stays', async () => {
  await hold('a')
  await usage.settle('a')
  await hold('b')
  expect(await usage.releaseUnsettled()).toBe(1)
  expect(await tokens()).toBe(5_000_000_000)
  expect(await usage.releaseUnsettled()).toBe(0)
})

test('old charges and sums are removed; sums outlive their charges, and running work is not touched', async () => {
  await hold('a')
  await usage.settle('a')
  await hold('b')
  await hold('c', { day: '2025-10-17', month: '2025-10' })
  await usage.settle('c')
  await hold('d', { day: '2025-11-01', month: '2025-11' })
  expect(await usage.removeOld({ chargesBefore: 1_001, periodsBefore: '2025-10-18' })).toBe(4)
  expect(await tokens()).toBe(10_000_000_000)
  expect(await tokens('alice', { day: '2025-10-17', month: '2025-10' })).toBe(0)
  expect(await tokens('alice', { day: '2025-11-01', month: '2025-11' })).toBe(5_000_000_000)
  await usage.release('b')
  expect(await tokens()).toBe(5_000_000_000)
})

test('other commits wait for the disk as before, also after a refusal', async () => {
  const mode = async () =>
    (await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(db)).rows[0]?.synchronous
  const full = await mode()
  const seen: unknown[] = []
  const decide = () => {
    throw new Error('no')
  }
  await hold('a')
  seen.push(await mode())
  await usage.settle('a')
  seen.push(await mode())
  await expect(usage.hold(holdOf('b'), { sharedSince: 0, decide })).rejects.toThrow('no')
  seen.push(await mode())
  expect(full).toBe(2)
  expect(seen).toEqual([2, 2, 2])
})

test('usage goes with its account', async () => {
  await hold('a', { accountId: 'bob' })
  await db.deleteFrom('accounts').where('id', '=', 'bob').execute()
  expect(await tokens('bob')).toBe(0)
  await usage.settle('a')
})
