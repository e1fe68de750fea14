/** What depends on time and on others: limits, expiry, hashes that get better, mail that fails. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../../adapters/sqlite/open.ts'
import { sqliteStores } from '../../adapters/sqlite/stores.ts'
import { Argon2Hasher } from '../../adapters/system/argon2.ts'
import { systemIds } from '../../adapters/system/system.ts'
import { codeIn } from '../../testing/mail-log.ts'
import { temporaryFolder } from '../../testing/test-server.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Mail, Mailer } from '../ports/mailer.ts'
import type { PasswordHasher } from '../ports/passwords.ts'
import { AccessTokens } from './access-tokens.ts'
import { Accounts } from './accounts.ts'
import { MailLinks } from './mail-links.ts'
import { PostRoom } from './post-room.ts'
import { SignIn } from './sign-in.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const EMAIL = 'ada@example.org'
const PASSWORD = 'Correct-horse-1'
const CHEAP = { memoryKiB: 64, passes: 1, lanes: 1 }
const silent = { info: () => {}, warn: () => {}, error: () => {} }

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let db: Awaited<ReturnType<typeof openDatabase>>
let store: AccountStore
let now: number
let mails: Mail[]

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase(join(folder.path, 'test.sqlite'))
  store = sqliteStores(db).accounts
  now = Date.UTC(2026, 0, 1)
  mails = []
})
afterEach(async () => {
  await db.destroy()
  await folder.cleanUp()
})

const collecting: Mailer = {
  isReal: true,
  send: async (mail) => void mails.push(mail),
  close: async () => {},
}

function build(change: { passwords?: PasswordHasher; mailer?: Mailer } = {}) {
  const { passwords = new Argon2Hasher(CHEAP), mailer = collecting } = change
  const common = { store, passwords, clock: { now: () => now }, ids: systemIds, isVerificationRequired: true }
  const accounts = new Accounts(common)
  const tokens = new AccessTokens(common)
  const post = new PostRoom(mailer, silent)
  const links = new MailLinks({ ...common, post, publicUrl: () => 'https://p.example.org' })
  const options = { isRegistrationOpen: true, loginLifetimeMs: 30 * DAY }
  const signIn = new SignIn({ ...common, ...options, accounts, tokens, links })
  return { accounts, tokens, links, signIn, post }
}

/** An account that may log in. */
async function withAda(change: Parameters<typeof build>[0] = {}) {
  const built = build(change)
  const passwordHash = await (change.passwords ?? new Argon2Hasher(CHEAP)).hash(PASSWORD)
  const { account } = await built.accounts.create('Ada', { email: EMAIL, passwordHash })
  return { ...built, account }
}

const request = { email: EMAIL, password: PASSWORD, password_confirm: PASSWORD }

test('failed logins are forgotten after a quarter of an hour, and a right password does not count', async () => {
  const { signIn } = await withAda()
  const attempt = (password: string, from = '192.0.2.1') => signIn.login(EMAIL, password, from)
  for (let i = 0; i < 15; i++) await attempt(PASSWORD)
  for (let i = 0; i < 10; i++) {
    await expect(attempt('Wrong-horse-1')).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
  }
  await expect(attempt(PASSWORD)).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' })
  await expect(attempt(PASSWORD, '192.0.2.2')).resolves.toBeDefined()
  now += 15 * MINUTE
  await expect(attempt(PASSWORD)).resolves.toBeDefined()
})

test('attempts at the same time count before any of them is checked', async () => {
  const { signIn } = await withAda()
  const all = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) => signIn.login(EMAIL, `Wrong-horse-${i}`, '192.0.2.1')),
  )
  const codes = all.map((one) => (one.status === 'rejected' ? one.reason.code : 'in'))
  expect(codes.filter((code) => code === 'INVALID_CREDENTIALS').length).toBe(10)
  expect(codes.filter((code) => code === 'TOO_MANY_ATTEMPTS').length).toBe(20)
})

test('guessing one account from many places, and many accounts from one place, is limited', async () => {
  const { signIn } = await withAda()
  const outcome = async (email: string, from: string) =>
    signIn.login(email, 'Wrong-horse-1', from).catch((error) => error.code)
  for (let i = 0; i < 100; i++) await outcome(EMAIL, `192.0.2.${i}`)
  expect(await outcome(EMAIL, '198.51.100.1')).toBe('TOO_MANY_ATTEMPTS')
  for (let i = 0; i < 100; i++) await outcome(`user${i}@example.org`, '203.0.113.1')
  expect(await outcome('other@example.org', '203.0.113.1')).toBe('TOO_MANY_ATTEMPTS')
})

test('an unknown address costs one check of a password, as a known one does', async () => {
  const inner = new Argon2Hasher(CHEAP)
  const checked: boolean[] = []
  const passwords: PasswordHasher = {
    hash: (password) => inner.hash(password),
    verify: async (password, stored) => {
      checked.push(stored === null)
      return inner.verify(password, stored)
    },
  }
  const { signIn } = await withAda({ passwords })
  await signIn.login(EMAIL, 'Wrong-horse-1', 'x').catch(() => {})
  await signIn.login('nobody@example.org', PASSWORD, 'x').catch(() => {})
  expect(checked).toEqual([false, true])
})

test('a login replaces a hash that was made with weaker parameters', async () => {
  const { signIn } = await withAda()
  const before = (await store.findByEmail(EMAIL))?.passwordHash
  const stronger = build({ passwords: new Argon2Hasher({ ...CHEAP, passes: 2 }) })
  await stronger.signIn.login(EMAIL, PASSWORD, 'x')
  const after = (await store.findByEmail(EMAIL))?.passwordHash
  expect([before?.includes('t=1,'), after?.includes('t=2,')]).toEqual([true, true])
  await expect(signIn.login(EMAIL, PASSWORD, 'x')).resolves.toBeDefined()
})

test('the token of a login works until it expires, and its use is noted to the hour', async () => {
  const { signIn, accounts, account } = await withAda()
  const { token } = await signIn.login(EMAIL, PASSWORD, 'x')
  const header = `Bearer ${token.text}`
  const lastUse = async () =>
    (await store.listTokens(account.id)).find(({ id }) => id === token.record.id)?.lastUsedAt
  const begin = now
  await accounts.authenticate(header)
  now += 59 * MINUTE
  await accounts.authenticate(header)
  expect(await lastUse()).toBe(begin)
  now += MINUTE
  await accounts.authenticate(header)
  expect(await lastUse()).toBe(begin + HOUR)
  now = begin + 30 * DAY - 1
  expect((await accounts.authenticate(header)).id).toBe(account.id)
  now += 1
  await expect(accounts.authenticate(header)).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
})

test('a hundred and more logins push out the oldest login, and never a token made by hand', async () => {
  const { signIn, tokens, account } = await withAda()
  const first = await signIn.login(EMAIL, PASSWORD, 'x')
  for (let i = 0; i < 110; i++) {
    now += 1
    await signIn.login(EMAIL, PASSWORD, 'x')
  }
  const list = await tokens.list(account.id)
  expect(list.length).toBe(100)
  expect(list.some(({ label }) => label === 'first')).toBe(true)
  expect(list.some(({ id }) => id === first.token.record.id)).toBe(false)
})

test('a registration outlives a mail server that fails; the link can be had later', async () => {
  const broken: Mailer = {
    ...collecting,
    send: async () => {
      throw new Error('connection refused')
    },
  }
  const { signIn, post } = build({ mailer: broken })
  const { account } = await signIn.register(request, 'x')
  await post.idle()
  const { links } = build()
  await links.sendVerification(account)
  await links.verify(codeIn(mails[0]))
  expect((await store.find(account.id))?.isVerified).toBe(true)
})

test('a link to verify works for three days, one to set a password for an hour', async () => {
  const { signIn, links } = build()
  await signIn.register(request, 'x')
  await links.sendReset(EMAIL, 'x')
  const [verification, reset] = mails.map(codeIn) as [string, string]
  now += HOUR
  await expect(links.reset(reset, PASSWORD, PASSWORD)).rejects.toMatchObject({ code: 'LINK_NOT_VALID' })
  now += 71 * HOUR
  await expect(links.verify(verification)).rejects.toMatchObject({ code: 'LINK_NOT_VALID' })
  now -= 1
  await expect(links.verify(verification)).resolves.toBeUndefined()
})

test('registrations from one place are limited', async () => {
  const { signIn } = build()
  const register = (i: number, from: string) =>
    signIn.register({ ...request, email: `user${i}@example.org` }, from)
  for (let i = 0; i < 20; i++) await register(i, '192.0.2.1')
  await expect(register(20, '192.0.2.1')).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' })
  await expect(register(20, '192.0.2.2')).resolves.toBeDefined()
  now += HOUR
  await expect(register(21, '192.0.2.1')).resolves.toBeDefined()
})

test('two registrations of one address at the same time make one account', async () => {
  const { signIn } = build()
  const both = await Promise.allSettled([signIn.register(request, 'x'), signIn.register(request, 'x')])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect((await store.list()).length).toBe(1)
})

test('a link to set a password is used up by one of two requests at the same time', async () => {
  const { links } = await withAda()
  await links.sendReset(EMAIL, 'x')
  const code = codeIn(mails[0])
  const both = await Promise.allSettled([
    links.reset(code, 'First-horse-1', 'First-horse-1'),
    links.reset(code, 'Second-horse-2', 'Second-horse-2'),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})
