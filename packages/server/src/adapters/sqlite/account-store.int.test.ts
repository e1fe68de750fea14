/** What every implementation of the account store has to do. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccountStore } from '../../domain/ports/account-store.ts'
import { accountOf, tokenOf } from '../../testing/account-rows.ts'
import { temporaryFolder } from '../../testing/test-server.ts'
import * as initial from './migrations/0001-initial.ts'
import * as accounts from './migrations/0002-accounts.ts'
import { nodeSqliteDialect } from './node-sqlite-dialect.ts'
import { openDatabase } from './open.ts'
import type { Schema } from './schema.ts'
import { sqliteStores } from './stores.ts'

const ALICE = accountOf('alice', { email: 'alice@example.org', isVerified: false, isAdmin: true })
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let db: Awaited<ReturnType<typeof openDatabase>>
let store: AccountStore

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase(join(folder.path, 'test.sqlite'))
  store = sqliteStores(db).accounts
  await store.insert(ALICE, { passwordHash: 'phc', token: tokenOf('a1') })
  await store.insert(accountOf('bob', { createdAt: 2 }), { passwordHash: null, token: tokenOf('b1') })
})
afterEach(async () => {
  await db.destroy()
  await folder.cleanUp()
})

describe('accounts', () => {
  test('come back as they were stored, by id, address and token', async () => {
    expect(await store.find('alice')).toEqual(ALICE)
    expect(await store.findByEmail('alice@example.org')).toEqual({ account: ALICE, passwordHash: 'phc' })
    expect(await store.findByTokenHash('hash-a1')).toEqual({ account: ALICE, token: tokenOf('a1') })
    expect(await store.findAdmin()).toEqual(ALICE)
    expect((await store.list()).map(({ id }) => id)).toEqual(['alice', 'bob'])
    expect(await store.find('carol')).toBeUndefined()
    expect(await store.findByTokenHash('nothing')).toBeUndefined()
  })

  test('have an address of their own; any number have none', async () => {
    const carol = accountOf('carol', { email: 'alice@example.org' })
    expect(await store.insert(carol, { passwordHash: null, token: tokenOf('c1') })).toBe(false)
    expect(await store.find('carol')).toBeUndefined()
    const dave = accountOf('dave')
    expect(await store.insert(dave, { passwordHash: null, token: tokenOf('d1') })).toBe(true)
  })

  test('are not left without a token when the token cannot be stored', async () => {
    const carol = accountOf('carol')
    const taken = tokenOf('c1', { hash: 'hash-b1' })
    await expect(store.insert(carol, { passwordHash: null, token: taken })).rejects.toThrow()
    expect(await store.find('carol')).toBeUndefined()
  })

  test('are verified by a new password, and keep a newer password from being overwritten by a rehash', async () => {
    await store.setPassword('alice', 'new')
    await store.replacePasswordHash('alice', { from: 'phc', to: 'rehashed' })
    expect(await store.findByEmail('alice@example.org')).toMatchObject({
      passwordHash: 'new',
      account: { isVerified: true },
    })
    await store.replacePasswordHash('alice', { from: 'new', to: 'rehashed' })
    expect((await store.findByEmail('alice@example.org'))?.passwordHash).toBe('rehashed')
  })
})

describe('tokens', () => {
  test('are removed from their own account only', async () => {
    expect(await store.removeToken('alice', 'b1')).toBe(false)
    expect(await store.removeToken('bob', 'b1')).toBe(true)
    expect(await store.listTokens('bob')).toEqual([])
  })

  test('keep kind, expiry and last use', async () => {
    const token = tokenOf('a2', { kind: 'login', createdAt: 5, expiresAt: 9 })
    expect(await store.insertToken('alice', token)).toBe(true)
    await store.markTokenUsed('a2', 7)
    expect((await store.listTokens('alice'))[1]).toEqual({ ...token, lastUsedAt: 7 })
    await store.removeTokens('alice', 'login')
    expect((await store.listTokens('alice')).map(({ id }) => id)).toEqual(['a1'])
    expect(await store.insertToken('nobody', tokenOf('n1'))).toBe(false)
  })

  test('that are preset replace one another', async () => {
    await store.replacePresetToken('alice', tokenOf('p1', { kind: 'preset' }))
    await store.replacePresetToken('alice', tokenOf('p2', { kind: 'preset' }))
    expect((await store.listTokens('alice')).map(({ id }) => id)).toEqual(['a1', 'p2'])
    const foreign = tokenOf('p3', { kind: 'preset', hash: 'hash-b1' })
    await expect(store.replacePresetToken('alice', foreign)).rejects.toThrow()
    expect((await store.listTokens('alice')).map(({ id }) => id)).toEqual(['a1', 'p2'])
  })
})

describe('links', () => {
  const link = { hash: 'l1', accountId: 'alice', purpose: 'verify_email', expiresAt: 100 } as const

  test('work once, for their purpose, until they expire', async () => {
    await store.putLink(link)
    expect(await store.takeLink('l1', 'reset_password', 0)).toBeUndefined()
    expect(await store.takeLink('l1', 'verify_email', 100)).toBeUndefined()
    expect(await store.findLink('l1', 'verify_email', 99)).toEqual(ALICE)
    expect(await store.takeLink('l1', 'verify_email', 99)).toEqual(ALICE)
    expect(await store.takeLink('l1', 'verify_email', 99)).toBeUndefined()
  })

  test('are replaced by a newer one for the same purpose', async () => {
    await store.putLink(link)
    await store.putLink({ ...link, hash: 'l2' })
    await store.putLink({ ...link, hash: 'l3', purpose: 'reset_password' })
    expect(await store.findLink('l1', 'verify_email', 0)).toBeUndefined()
    expect(await store.findLink('l2', 'verify_email', 0)).toEqual(ALICE)
    expect(await store.findLink('l3', 'reset_password', 0)).toEqual(ALICE)
    expect(await store.putLink({ ...link, accountId: 'nobody' })).toBe(false)
  })
})

test('the migration keeps accounts and tokens from before, and knows the preset token by its label', async () => {
  const older = new Kysely<Schema>({ dialect: nodeSqliteDialect(new DatabaseSync(':memory:')) })
  await initial.up(older as unknown as Kysely<unknown>)
  const account = { id: 'eve', name: 'eve', is_admin: 1, created_at: 3 }
  await older
    .insertInto('accounts')
    .values(account as never)
    .execute()
  const token = { account_id: 'eve', created_at: 3 }
  await older
    .insertInto('tokens')
    .values([
      { ...token, id: 't1', hash: 'h1', label: 'first' },
      { ...token, id: 't2', hash: 'h2', label: 'preset' },
    ] as never)
    .execute()
  await accounts.up(older as unknown as Kysely<unknown>)
  const migrated = sqliteStores(older).accounts
  expect(await migrated.list()).toEqual([accountOf('eve', { isAdmin: true, createdAt: 3 })])
  expect((await migrated.listTokens('eve')).map(({ kind }) => kind)).toEqual(['api', 'preset'])
  await older.destroy()
})
