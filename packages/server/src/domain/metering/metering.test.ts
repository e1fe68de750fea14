import { expect, test } from 'vitest'
import { accountOf } from '../../testing/account-rows.ts'
import type { UsageStore, UsageTotals } from '../ports/usage.ts'
import { UNLIMITED } from './limits.ts'
import { type ChargeOrder, Metering, type Pool } from './metering.ts'

/** A store that keeps sums in memory, for one account. */
function storeOf(totals: UsageTotals): UsageStore {
  return {
    totals: async () => totals,
    hasOpenCharge: async () => false,
    hold: async (hold, { decide }) => {
      decide(totals)
      totals.dayTokens += hold.tokens
      totals.monthTokens += hold.tokens
      totals.monthThinkingFits += hold.thinkingFits
      return { id: hold.id, tokens: hold.tokens, isShared: false }
    },
    settle: async () => {},
    release: async () => {
      totals.dayTokens = 0
    },
    closeCharges: async () => {},
    releaseUnsettled: async () => 0,
    removeOld: async () => 0,
  }
}

function create(pools: Partial<typeof UNLIMITED.pools>) {
  const totals: UsageTotals = { dayTokens: 0, monthTokens: 0, monthThinkingFits: 0 }
  const warned: string[] = []
  let ids = 0
  const metering = new Metering({
    accounts: { find: async (id) => (id === 'alice' ? accountOf('alice') : undefined) },
    store: storeOf(totals),
    clock: { now: () => Date.parse('2026-11-22T12:00:00Z') },
    ids: {
      newId: () => `id-${ids++}`,
      newToken: () => '',
      newRunnerToken: () => '',
      newShareToken: () => '',
      newCode: () => '',
    },
    limits: { ...UNLIMITED, pools: { ...UNLIMITED.pools, ...pools } },
    onNearlyUsedUp: (accountId: string, { resource }: Pool, used: number) =>
      warned.push(`${accountId} ${resource} ${used}`),
  })
  return { metering, totals, warned }
}

const order = (change: Partial<ChargeOrder> = {}): ChargeOrder => ({
  requestKey: 'key',
  subject: 'rows',
  operation: 'predict',
  tokens: 10,
  ...change,
})

test('a spent pool of thinking fits refuses thinking fits and nothing else', async () => {
  const { metering } = create({ monthly_thinking_fits: 1 })
  const thinking = order({ operation: 'thinking_fit' })
  await metering.charge('alice', thinking)
  await expect(metering.charge('alice', thinking)).rejects.toMatchObject({
    code: 'INSUFFICIENT_QUOTA',
    message:
      'The thinking fits of this month are used up: 1 of 1 used, 1 needed. It is filled again at 2026-12-01T00:00:00Z.',
    headers: { 'x-ratelimit-resource': 'monthly_thinking_fits', 'retry-after': '734400' },
  })
  for (const operation of ['predict', 'thinking_predict', 'cache_predict'] as const)
    await metering.charge('alice', order({ operation }))
})

test('the pool that is filled again last is the one that is named', async () => {
  const { metering } = create({ daily_tokens: 5, monthly_tokens: 5 })
  await expect(metering.charge('alice', order())).rejects.toThrow('The monthly tokens are used up')
})

test('the owner of a pool is told once that little is left', async () => {
  const { metering, warned } = create({ daily_tokens: 100, monthly_tokens: 1_000 })
  for (let i = 0; i < 8; i++) await metering.charge('alice', order())
  expect(warned).toEqual([])
  await metering.charge('alice', order())
  await metering.charge('alice', order())
  expect(warned).toEqual(['alice daily_tokens 90'])
})

test('a charge ends once: what is settled is not given back', async () => {
  const { metering, totals } = create({})
  const charge = await metering.charge('alice', order())
  await charge.settle()
  await charge.release()
  expect(totals.dayTokens).toBe(10)
})

test('an account that was deleted while its request ran is not known any more', async () => {
  const { metering } = create({})
  await expect(metering.charge('bob', order())).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
})
