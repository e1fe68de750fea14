/** Tokens of an account, and what administrators do with accounts; nobody reaches into another account. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  CLASSES_CSV,
  createAccounts,
  fitTrainSet,
  startTestServer,
  type TestServer,
} from '../../../testing/test-server.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
let server: TestServer
let alice: string
let bob: string

beforeEach(async () => {
  server = await startTestServer()
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
})
afterEach(() => server.close())

const tokensOf = async (token: string) => (await server.call('GET', '/auth/tokens', { token })).json.tokens
const make = (token: string, body: object) => server.call('POST', '/auth/tokens', { token, body })
const isValid = async (token: string) => (await server.call('GET', '/protected/', { token })).status === 200
const addUser = (body: object) => server.call('POST', '/admin/users', { body })

test('a token is shown when it is made and never again, and works until it is revoked', async () => {
  const made = await make(alice, { label: 'notebook', expires_in_days: 30 })
  expect(made.status).toBe(201)
  const { token, ...description } = made.json
  expect(token).toMatch(/^pst_[\w-]{43}$/)
  const lifetime = Date.parse(description.expires_at) - Date.parse(description.created_at)
  expect(lifetime).toBe(30 * 86_400_000)
  expect(await isValid(token)).toBe(true)
  const [first, second] = await tokensOf(alice)
  expect(first).toMatchObject({ label: 'first', kind: 'api', expires_at: null })
  expect(second).toEqual({ ...description, last_used_at: expect.stringMatching(/^\d{4}-.*Z$/) })
  expect(JSON.stringify([first, second])).not.toContain(token)
  const revoked = await server.call('DELETE', `/auth/tokens/${second.id}`, { token: alice })
  expect(revoked.status).toBe(200)
  expect([await isValid(token), await isValid(alice)]).toEqual([false, true])
})

test("another account's tokens are neither listed nor revoked, and cannot be told from unknown ones", async () => {
  const [own] = await tokensOf(alice)
  expect((await tokensOf(bob)).map(({ id }: { id: string }) => id)).not.toContain(own.id)
  const revoke = (id: string) => server.call('DELETE', `/auth/tokens/${id}`, { token: bob })
  const [foreign, unknown] = [await revoke(own.id), await revoke(UNKNOWN)]
  expect([foreign.status, unknown.status]).toEqual([404, 404])
  expect(foreign.json.message.replace(own.id, UNKNOWN)).toBe(unknown.json.message)
  expect(await isValid(alice)).toBe(true)
})

test('what a token is asked to be is checked by field', async () => {
  for (const [body, field] of [
    [{ label: ' ' }, 'label'],
    [{ label: 'x', expires_in_days: 0 }, 'expires_in_days'],
    [{ label: 'x', owner: 'bob' }, 'owner'],
  ] as const) {
    const { status, json } = await make(alice, body)
    expect([status, json.errors[0].field]).toEqual([422, field])
  }
})

test('the number of tokens is limited, and expired or revoked ones make room', async () => {
  for (let i = 1; i < 100; i++) expect((await make(alice, { label: `${i}` })).status).toBe(201)
  const refused = await make(alice, { label: 'one too many' })
  expect([refused.status, refused.json.error_code]).toEqual([409, 'TOO_MANY_TOKENS'])
  const [, second] = await tokensOf(alice)
  await server.call('DELETE', `/auth/tokens/${second.id}`, { token: alice })
  expect((await make(alice, { label: 'room again' })).status).toBe(201)
})

const ADMIN_ROUTES: [string, string][] = [
  ['GET', '/admin/users'],
  ['POST', '/admin/users'],
  ['DELETE', `/admin/users/${UNKNOWN}`],
  ['POST', `/admin/users/${UNKNOWN}/reset_password`],
  ['GET', `/admin/users/${UNKNOWN}/tokens`],
  ['POST', `/admin/users/${UNKNOWN}/tokens`],
  ['DELETE', `/admin/users/${UNKNOWN}/tokens/${UNKNOWN}`],
]

test.each(ADMIN_ROUTES)('%s %s is for administrators', async (method, path) => {
  const body = method === 'POST' ? { label: 'x' } : undefined
  const options = { token: alice, ...(body && { body }) }
  const refused = await server.call(method, path, options)
  expect([refused.status, refused.json.error_code]).toEqual([403, 'FORBIDDEN'])
  expect((await server.call(method, path, { ...options, token: null })).status).toBe(401)
  if (path.includes(UNKNOWN)) {
    expect((await server.call(method, path, body && { body })).json.error_code).toBe('NOT_FOUND')
  }
})

test('an administrator adds a user, lists all, and removes one with all that it has', async () => {
  const added = await addUser({ email: 'Carol@example.org' })
  expect(added.status).toBe(201)
  const { token, ...carol } = added.json
  expect(carol).toMatchObject({ name: 'carol@example.org', email: 'carol@example.org', is_verified: true })
  expect(await isValid(token)).toBe(true)
  await fitTrainSet(server, CLASSES_CSV, { token })
  const names = async () =>
    (await server.call('GET', '/admin/users')).json.users.map(({ name }: { name: string }) => name)
  expect(await names()).toEqual(['admin', 'alice', 'bob', 'carol@example.org'])
  expect((await server.call('DELETE', `/admin/users/${carol.id}`)).status).toBe(200)
  expect(await names()).toEqual(['admin', 'alice', 'bob'])
  expect(await isValid(token)).toBe(false)
})

test('a user needs an address or a name, and an address of its own', async () => {
  const empty = await addUser({})
  expect([empty.status, empty.json.errors[0].field]).toEqual([422, 'email'])
  expect((await addUser({ email: 'carol@example.org' })).status).toBe(201)
  expect((await addUser({ email: 'CAROL@example.org' })).json.error_code).toBe('EMAIL_TAKEN')
  expect((await addUser({ name: 'robot' })).status).toBe(201)
})

test('the last administrator cannot be removed; one of two can', async () => {
  const { users } = (await server.call('GET', '/admin/users')).json
  const remove = (id: string, token?: string) =>
    server.call('DELETE', `/admin/users/${id}`, token ? { token } : {})
  expect((await remove(users[0].id)).json.error_code).toBe('LAST_ADMIN')
  const second = (await addUser({ name: 'deputy', is_admin: true })).json
  expect((await remove(users[0].id, second.token)).status).toBe(200)
})

test('a link made by an administrator sets the first password', async () => {
  const { id } = (await addUser({ email: 'carol@example.org' })).json
  const { json } = await server.call('POST', `/admin/users/${id}/reset_password`)
  const url = new URL(json.reset_url)
  expect(url.origin).toBe(server.url)
  const password = 'Correct-horse-1'
  const body = { token: url.searchParams.get('token'), password, password_confirm: password }
  expect((await server.call('POST', url.pathname, { token: null, body })).status).toBe(200)
  const login = { username: 'carol@example.org', password }
  expect((await server.call('POST', '/auth/login/', { token: null, body: login })).status).toBe(200)
  const robot = (await addUser({ name: 'robot' })).json
  expect((await server.call('POST', `/admin/users/${robot.id}/reset_password`)).status).toBe(422)
})

test("an administrator makes, lists and revokes a user's tokens, but not through another user", async () => {
  const { id } = (await addUser({ name: 'robot' })).json
  const path = `/admin/users/${id}/tokens`
  const made = (await server.call('POST', path, { body: { label: 'line 4' } })).json
  expect(await isValid(made.token)).toBe(true)
  const { tokens } = (await server.call('GET', path)).json
  expect(tokens.map(({ label }: { label: string }) => label)).toEqual(['first', 'line 4'])
  const other = (await addUser({ name: 'other' })).json
  const through = await server.call('DELETE', `/admin/users/${other.id}/tokens/${made.id}`)
  expect(through.status).toBe(404)
  expect((await server.call('DELETE', `${path}/${made.id}`)).status).toBe(200)
  expect(await isValid(made.token)).toBe(false)
})
