/** Members of projects and tokens of accounts; who may see and change what. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  expectRefused,
  expectSame,
  MODEL,
  PRIOR,
  StudioServer,
  UNKNOWN,
} from '../../../testing/studio-server.ts'
import type { TestServer } from '../../../testing/test-server.ts'

let studio: StudioServer
let server: TestServer
let alice: string
let bob: string
let carol: string

beforeAll(async () => {
  studio = await StudioServer.start()
  ;({ server, alice, bob, carol } = studio)
})
afterAll(() => studio.close())

const as: StudioServer['as'] = (...call) => studio.as(...call)
const makeProject: StudioServer['makeProject'] = (...order) => studio.makeProject(...order)
const accountId: StudioServer['accountId'] = (token) => studio.accountId(token)
const addMember: StudioServer['addMember'] = (...member) => studio.addMember(...member)

describe('members', () => {
  test('do what their role allows and nothing more', async () => {
    const project = await makeProject()
    await as(alice, 'POST', `/projects/${project}/priors`, PRIOR)
    const bobId = await addMember(project, bob, 'viewer')
    const path = `/projects/${project}`
    const role = async (name: string) =>
      expect((await as(alice, 'PATCH', `${path}/members/${bobId}`, { role: name })).json.role).toBe(name)
    expect((await as(bob, 'GET', path)).json.role).toBe('viewer')
    expect((await as(bob, 'GET', `${path}/priors/straight_lines`)).status).toBe(200)
    const viewerMayNot = [
      ['POST', '/models', MODEL],
      ['PATCH', '', { roadmap: 'x' }],
      ['PATCH', '/priors/straight_lines', { description: 'x' }],
      ['DELETE', '/priors/straight_lines'],
      ['POST', '/priors/straight_lines/fork', { slug: 'x' }],
    ] as const
    const editorMayNot = [
      ['PATCH', '', { slug: 'x' }],
      ['DELETE', ''],
      ['POST', '/members', { account: UNKNOWN, role: 'viewer' }],
      ['PATCH', `/members/${bobId}`, { role: 'owner' }],
    ] as const
    for (const [method, rest, body] of [...viewerMayNot, ...editorMayNot]) {
      expectRefused(await as(bob, method, `${path}${rest}`, body), 403, 'ROLE_TOO_LOW')
    }
    await role('editor')
    expect((await as(bob, 'POST', `${path}/models`, MODEL)).status).toBe(201)
    for (const [method, rest, body] of editorMayNot) {
      expectRefused(await as(bob, method, `${path}${rest}`, body), 403, 'ROLE_TOO_LOW')
    }
    await role('owner')
    expect((await as(bob, 'PATCH', path, { slug: `of-bob-${studio.count}` })).status).toBe(200)
  })

  test('are added by address or id, once, and leave by themselves', async () => {
    const user = (await server.call('POST', '/admin/users', { body: { email: 'dora@example.org' } })).json
    const project = await makeProject()
    const path = `/projects/${project}/members`
    const add = (account: string) => as(alice, 'POST', path, { account, role: 'editor' })
    expect((await add('Dora@example.org')).json).toMatchObject({ accountId: user.id, role: 'editor' })
    expectRefused(await add(user.id), 409, 'ALREADY_MEMBER')
    expectRefused(await add('nobody@example.org'), 404, 'NOT_FOUND')
    expectRefused(await add(UNKNOWN), 404, 'NOT_FOUND')
    const wrong = await as(alice, 'POST', path, { account: 'dora', role: 'editor' })
    expect([wrong.status, wrong.json.errors[0].field]).toEqual([422, 'account'])
    expect((await as(user.token, 'DELETE', `${path}/${user.id}`)).status).toBe(200)
    expectRefused(await as(user.token, 'GET', path), 404, 'NOT_FOUND')
  })

  test('keep one owner at least', async () => {
    const project = await makeProject()
    const path = `/projects/${project}/members`
    const own = (await as(alice, 'GET', path)).json.members[0].accountId
    expectRefused(await as(alice, 'DELETE', `${path}/${own}`), 409, 'LAST_OWNER')
    expectRefused(await as(alice, 'PATCH', `${path}/${own}`, { role: 'viewer' }), 409, 'LAST_OWNER')
    const bobId = await addMember(project, bob, 'owner')
    expect((await as(alice, 'DELETE', `${path}/${own}`)).status).toBe(200)
    expectRefused(await as(bob, 'DELETE', `${path}/${bobId}`), 409, 'LAST_OWNER')
    expectRefused(await as(bob, 'PATCH', `${path}/${own}`, { role: 'viewer' }), 404, 'NOT_FOUND')
  })

  test('of a foreign project cannot be told from those of an unknown one', async () => {
    const project = await makeProject()
    const member = (await as(alice, 'GET', `/projects/${project}/members`)).json.members[0].accountId
    const calls = [
      ['GET', ''],
      ['PATCH', '', { name: 'mine' }],
      ['DELETE', ''],
      ['GET', '/members'],
      ['POST', '/members', { account: member, role: 'owner' }],
      ['PATCH', `/members/${member}`, { role: 'viewer' }],
      ['DELETE', `/members/${member}`],
    ] as const
    for (const [method, rest, body] of calls) {
      const ask = (handle: string) => as(carol, method, `/projects/${handle}${rest}`, body)
      expectSame(await ask(project), await ask(UNKNOWN), project)
    }
  })
})

test('an account that is deleted takes its projects along, but not those that others own too', async () => {
  const user = (await server.call('POST', '/admin/users', { body: { name: 'eve' } })).json
  const [shared, own] = [await makeProject(user.token), await makeProject(user.token)]
  const bobId = await accountId(bob)
  const add = (project: string, role: string) =>
    as(user.token, 'POST', `/projects/${project}/members`, { account: bobId, role })
  await add(shared, 'owner')
  await add(own, 'editor')
  await as(user.token, 'POST', `/projects/${shared}/priors`, PRIOR)
  expect((await as(user.token, 'DELETE', '/delete_user_account')).status).toBe(200)
  expect((await as(bob, 'GET', `/projects/${shared}/priors/straight_lines`)).status).toBe(200)
  expect((await as(bob, 'GET', `/projects/${shared}/members`)).json.members).toHaveLength(1)
  expectRefused(await as(bob, 'GET', `/projects/${own}`), 404, 'NOT_FOUND')
})

describe('/api-tokens', () => {
  test('issues a token, shows its prefix from then on, and revokes it at once', async () => {
    const made = await as(alice, 'POST', '/api-tokens', { name: 'laptop', expiresInDays: 30 })
    expect(made.status).toBe(201)
    const { token, ...description } = made.json
    expect(description).toMatchObject({ name: 'laptop', prefix: token.slice(0, 12), scopes: ['pat'] })
    expect(Date.parse(description.expiresAt) - Date.parse(description.createdAt)).toBe(30 * 86_400_000)
    const listed = await as(alice, 'GET', '/api/api-tokens')
    expect(listed.json.tokens).toContainEqual(description)
    expect(listed.text).not.toContain(token)
    expect(listed.headers.get('cache-control')).toBe('no-store')
    const revoke = (who: string) => as(who, 'DELETE', `/api-tokens/${description.id}`)
    expectRefused(await revoke(bob), 404, 'NOT_FOUND')
    expect((await as(token, 'GET', '/projects')).status).toBe(200)
    expect((await revoke(alice)).status).toBe(200)
    expectRefused(await as(token, 'GET', '/projects'), 401, 'UNAUTHORIZED')
  })

  test('checks what is asked for by field', async () => {
    for (const [body, field] of [
      [{ name: ' ' }, 'name'],
      [{ name: 'x', expiresInDays: 0 }, 'expiresInDays'],
      [{ name: 'x', scopes: ['all'] }, 'scopes'],
    ] as const) {
      const answer = await as(alice, 'POST', '/api-tokens', body)
      expectRefused(answer, 422, 'REQUEST_VALIDATION_ERROR')
      expect(answer.json.errors[0].field).toBe(field)
    }
  })
})
