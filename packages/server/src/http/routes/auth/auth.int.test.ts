/** Registration, login and what is done by mail, as the official clients call it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { codeIn, type MailLog, mailLog } from '../../../testing/mail-log.ts'
import {
  type Answer,
  createAccounts,
  startTestServer,
  type TestServer,
} from '../../../testing/test-server.ts'

const anonymous = { token: null }
const PASSWORD = 'Correct-horse-1'
const PROFILE = {
  validation_link: 'tabpfn-2023',
  first_name: 'Ada',
  last_name: 'Lovelace',
  company: 'Engines',
  role: 'analyst',
  use_case: '',
  contact_via_email: false,
  agreed_terms_and_cond: true,
  agreed_personally_identifiable_information: true,
}
let server: TestServer
let post: MailLog

async function start(env: Record<string, string> = {}) {
  post = mailLog()
  server = await startTestServer({ log: post.log, env: { POSTERIOR_OPEN_REGISTRATION: 'true', ...env } })
}

const register = (email: string, change: object = {}) =>
  server.call('POST', '/auth/register/', {
    ...anonymous,
    body: { email, password: PASSWORD, password_confirm: PASSWORD, ...PROFILE, ...change },
  })

/** The form of an OAuth password grant, as clients send it. */
const login = (username: string, password: string) =>
  server.call('POST', '/auth/login/', {
    ...anonymous,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'password', username, password }).toString(),
  })

const isValid = async (token: string) => (await server.call('GET', '/protected/', { token })).status
const outcome = ({ status, json }: Answer) => [status, json.error_code]

describe('where registration is open and addresses need not be verified', () => {
  beforeAll(() => start())
  afterAll(() => server.close())

  test('the password policy is one that clients can read', async () => {
    const { status, json } = await server.call('GET', '/auth/password_policy/', anonymous)
    expect([status, json.requirements]).toEqual([
      200,
      ['Length(8)', 'Uppercase(1)', 'Numbers(1)', 'Special(1)'],
    ])
  })

  test('a registration answers a token that works at once, and sends nothing', async () => {
    const { status, json } = await register('Ada@Example.org')
    expect([status, json.message]).toEqual([200, 'The account is made.'])
    expect(await isValid(json.token)).toBe(200)
    expect(post.mails).toEqual([])
  })

  test('a login answers a token of its own and a cookie that is no credential', async () => {
    await register('cookie@example.org')
    const { status, json, headers } = await login('cookie@example.org', PASSWORD)
    expect([status, json.token_type]).toEqual([200, 'bearer'])
    expect(json.expires_in).toBeGreaterThan(89 * 86_400)
    expect(await isValid(json.access_token)).toBe(200)
    const cookie = headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^session_id=[\w-]+; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(json.access_token)
    const withCookie = { ...anonymous, headers: { cookie: cookie.split(';')[0] ?? '' } }
    expect((await server.call('GET', '/protected/', withCookie)).status).toBe(401)
    expect((await server.call('DELETE', '/delete_user_account/', withCookie)).status).toBe(401)
  })

  test('spaces and case of the address do not count', async () => {
    await register('case@example.org')
    expect((await login(' CASE@example.org', PASSWORD)).status).toBe(200)
    expect(outcome(await register('Case@Example.org'))).toEqual([409, 'EMAIL_TAKEN'])
  })

  test('a wrong password, an unknown address and an account without a password get the same answer', async () => {
    await register('wrong@example.org')
    const body = { email: 'token-only@example.org' }
    expect((await server.call('POST', '/admin/users', { body })).status).toBe(201)
    const answers = [
      await login('wrong@example.org', 'Wrong-horse-1'),
      await login('nobody@example.org', PASSWORD),
      await login('token-only@example.org', PASSWORD),
    ]
    const shown = answers.map(({ status, json }) => ({ status, ...json, trace_id: '' }))
    expect(shown[0]).toMatchObject({ status: 401, error_code: 'INVALID_CREDENTIALS' })
    expect(shown[0].detail).toBe(shown[0].message)
    expect(shown[1]).toEqual(shown[0])
    expect(shown[2]).toEqual(shown[0])
  })

  test('passwords against the policy and addresses that are none are refused, by field', async () => {
    const weak = await register('weak@example.org', { password: 'short', password_confirm: 'short' })
    expect([weak.status, weak.json.errors[0].field]).toEqual([422, 'password'])
    expect(weak.json.message).toContain('8 characters')
    const other = await register('weak@example.org', { password_confirm: 'Another-1' })
    expect(other.json.errors[0].field).toBe('password_confirm')
    expect((await register('not an address')).json.errors[0].field).toBe('email')
    expect((await login('not an address', 'x')).json.errors[0].field).toBe('username')
  })

  test('validate_email tells a good address from a bad and from a taken one', async () => {
    const check = (email: string) =>
      server.call('POST', `/auth/validate_email/?email=${encodeURIComponent(email)}`, anonymous)
    await register('taken@example.org')
    expect((await check('free@example.org')).status).toBe(200)
    expect(outcome(await check('taken@example.org'))).toEqual([409, 'EMAIL_TAKEN'])
    const bad = await check('nonsense')
    expect([bad.status, bad.json.errors[0].field]).toEqual([422, 'email'])
    expect(bad.json.message).toBe(bad.json.detail)
  })

  test('wrong passwords are limited per account', async () => {
    await register('target@example.org')
    await register('bystander@example.org')
    for (let i = 0; i < 10; i++) {
      expect((await login('target@example.org', `Wrong-horse-${i}`)).status).toBe(401)
    }
    const refused = await login('target@example.org', PASSWORD)
    expect(outcome(refused)).toEqual([429, 'TOO_MANY_ATTEMPTS'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await login('bystander@example.org', PASSWORD)).status).toBe(200)
  })

  test('neither passwords nor tokens are in the log', async () => {
    const { json } = await register('private@example.org')
    await login('private@example.org', PASSWORD)
    const log = post.lines.join('')
    expect(log).toContain('/auth/login/')
    for (const secret of [PASSWORD, json.token]) expect(log).not.toContain(secret)
  })

  test('an account that was registered is no administrator, and nothing but name and address is kept of the form', async () => {
    await register('kept@example.org')
    const { json } = await server.call('GET', '/admin/users')
    const user = json.users.find((each: { email: string }) => each.email === 'kept@example.org')
    expect(user).toMatchObject({ name: 'Ada Lovelace', is_admin: false, is_verified: false })
    expect(JSON.stringify(json)).not.toContain('Engines')
  })
})

describe('where addresses have to be verified', () => {
  beforeEach(() =>
    start({ POSTERIOR_REQUIRE_VERIFIED_EMAIL: 'true', POSTERIOR_PUBLIC_URL: 'https://p.example.org' }),
  )
  afterEach(() => server.close())

  test('a new account may do nothing until the link was opened', async () => {
    const { json } = await register('ada@example.org')
    expect(json.message).toContain('ada@example.org')
    const token: string = json.token
    expect(outcome(await server.call('GET', '/protected/', { token }))).toEqual([403, 'EMAIL_NOT_VERIFIED'])
    expect((await server.call('GET', '/tabpfn/get_settings', { token })).status).toBe(403)
    const refused = await login('ada@example.org', PASSWORD)
    expect(outcome(refused)).toEqual([403, 'EMAIL_NOT_VERIFIED'])
    const fromHeader = refused.headers.get('access_token') ?? ''
    const again = await server.call('POST', '/auth/send_verification_email/', { token: fromHeader })
    expect(again.status).toBe(200)

    const [first, second] = post.mails
    expect([first?.to, second?.to]).toEqual(['ada@example.org', 'ada@example.org'])
    expect(second?.text).toContain(`https://p.example.org/auth/verify_email?token=${codeIn(second)}`)
    const verify = (code: string) =>
      server.call('GET', `/auth/verify_email/?token=${code}&access_token=${token}`, anonymous)
    expect(outcome(await verify(codeIn(first)))).toEqual([422, 'LINK_NOT_VALID'])
    expect((await verify(codeIn(second))).json.message).toContain('verified')
    expect((await verify(codeIn(second))).status).toBe(422)
    expect(await isValid(token)).toBe(200)
    const cookie = (await login('ada@example.org', PASSWORD)).headers.get('set-cookie')
    expect(cookie).toContain('; Secure')
  })

  test('a browser that opens the link gets a page', async () => {
    await register('ada@example.org')
    const open = (code: string) =>
      server.call('GET', `/auth/verify_email?token=${code}`, {
        ...anonymous,
        headers: { accept: 'text/html' },
      })
    const [page, again] = [await open(codeIn(post.mails[0])), await open(codeIn(post.mails[0]))]
    expect([page.status, again.status]).toEqual([200, 422])
    expect(page.text).toContain('Verified')
    expect(again.text).toContain('not valid')
  })

  test('an unverified account can be deleted by its owner', async () => {
    const { token } = (await register('ada@example.org')).json
    expect((await server.call('DELETE', '/delete_user_account/', { token })).status).toBe(200)
    expect((await register('ada@example.org')).status).toBe(200)
  })

  test('messages to one account are limited', async () => {
    const { token } = (await register('ada@example.org')).json
    const send = () => server.call('POST', '/auth/send_verification_email/', { token })
    const statuses = []
    for (let i = 0; i < 5; i++) statuses.push((await send()).status)
    expect(statuses).toEqual([200, 200, 200, 200, 429])
  })
})

describe('a forgotten password', () => {
  beforeEach(() => start())
  afterEach(() => server.close())

  const askFor = (email: string) =>
    server.call('POST', `/auth/send_reset_password_email/?email=${email}`, anonymous)
  const reset = (body: object, headers: Record<string, string> = {}) =>
    server.call('POST', '/auth/reset_password', { ...anonymous, body, headers })

  test('is replaced by the link from the message, once; logins end, tokens made by hand go on', async () => {
    const { token: registration } = (await register('ada@example.org')).json
    const made = await server.call('POST', '/auth/tokens', { token: registration, body: { label: 'script' } })
    const known = await askFor('ada@example.org')
    const unknown = await askFor('nobody@example.org')
    expect([known.status, known.json]).toEqual([unknown.status, unknown.json])
    expect(post.mails.length).toBe(1)

    const token = codeIn(post.mails[0])
    const page = await server.call('GET', `/auth/reset_password?token=${token}`, anonymous)
    expect(page.text).toContain(`value="${token}"`)
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    const [password, password_confirm] = ['Other-horse-2', 'Other-horse-2']
    const weak = await reset({ token, password: 'weak', password_confirm: 'weak' })
    expect([weak.status, weak.json.errors[0].field]).toEqual([422, 'password'])
    expect((await reset({ token, password, password_confirm })).status).toBe(200)
    expect(outcome(await reset({ token, password, password_confirm }))).toEqual([422, 'LINK_NOT_VALID'])
    expect((await login('ada@example.org', PASSWORD)).status).toBe(401)
    expect((await login('ada@example.org', password)).status).toBe(200)
    expect(await isValid(registration)).toBe(401)
    expect(await isValid(made.json.token)).toBe(200)
  })

  test('is set in a browser by the form of the page, which says what is wrong', async () => {
    await register('ada@example.org')
    await askFor('ada@example.org')
    const headers = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
    const submit = (password: string) => {
      const form = { token: codeIn(post.mails[0]), password, password_confirm: password }
      return reset(new URLSearchParams(form).toString() as never, headers)
    }
    const weak = await submit('weak')
    expect([weak.status, weak.headers.get('content-type')]).toEqual([422, 'text/html; charset=utf-8'])
    expect(weak.text).toContain('<form method="post">')
    expect((await submit('Other-horse-2')).text).toContain('The password is set')
    expect((await login('ada@example.org', 'Other-horse-2')).status).toBe(200)
  })

  test('what a page shows of a code is text, whatever it holds', async () => {
    const code = encodeURIComponent('"><script>alert(1)</script>')
    const page = await server.call('GET', `/auth/reset_password?token=${code}`, {
      ...anonymous,
      headers: { accept: 'text/html' },
    })
    expect([page.status, page.text.includes('<script>')]).toEqual([422, false])
  })

  test('a link does not follow the Host header of whoever asked for it', async () => {
    await register('ada@example.org')
    await server.call('POST', '/auth/send_reset_password_email/?email=ada@example.org', {
      ...anonymous,
      headers: { host: 'evil.example.org', 'x-forwarded-host': 'evil.example.org' },
    })
    expect(post.mails[0]?.text).toContain(server.url)
    expect(post.mails[0]?.text).not.toContain('evil')
  })
})

describe('where registration is closed', () => {
  beforeAll(() =>
    start({ POSTERIOR_OPEN_REGISTRATION: 'false', POSTERIOR_GREETING: 'Maintenance on Sunday.' }),
  )
  afterAll(() => server.close())

  test('nobody registers, and the answer says what to do', async () => {
    for (const answer of [
      await register('ada@example.org'),
      await server.call('POST', '/auth/validate_email/?email=ada@example.org', anonymous),
    ]) {
      expect(outcome(answer)).toEqual([403, 'REGISTRATION_CLOSED'])
      expect(answer.json.message).toContain('posterior users add')
      expect(answer.json.detail).toBe(answer.json.message)
    }
  })

  test("users see the operator's message", async () => {
    const { json } = await server.call('GET', '/retrieve_greeting_messages/')
    expect(json).toEqual({ messages: ['Maintenance on Sunday.'] })
  })

  test('verification has nothing to do for an account without an address', async () => {
    const [token] = await createAccounts(server, 'alice')
    const answer = await server.call('POST', '/auth/send_verification_email/', { token: token! })
    expect([answer.status, answer.json.message]).toEqual([
      200,
      'This account has no e-mail address to verify.',
    ])
    expect(post.mails).toEqual([])
  })
})
