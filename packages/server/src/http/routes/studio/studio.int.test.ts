/** Projects and what they hold, as programs use them; who may see and change what. */
import { studioErrorSchema } from '@posterior/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  createAccounts,
  startTestServer,
  type TestServer,
} from '../../../testing/test-server.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
let server: TestServer
let alice: string
let bob: string
let carol: string

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob, carol] = (await createAccounts(server, 'alice', 'bob', 'carol')) as [string, string, string]
})
afterAll(() => server.close())

const as = (token: string, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })

let count = 0
/** A new project of `token`; answers its id. */
async function makeProject(token = alice, name = `Project ${++count}`): Promise<string> {
  const answer = await as(token, 'POST', '/projects', { name })
  expect([answer.status, answer.json.role]).toEqual([201, 'owner'])
  return answer.json.id
}

const PRIOR = {
  name: 'Straight lines',
  slug: 'straight_lines',
  version: '1.0.0',
  kind: 'tabular',
  description: 'y = a x + b',
  rationale: '# Why\nLines are everywhere.\n',
  parameters: { noise: { type: 'float', range: [0.01, 1], default: 0.1 } },
  outputs: { variables: [{ name: 'X', type: 'tensor', shape: '(n, d)' }] },
  citations: ['gauss1809'],
  code: 'def sample(seed):\n    return seed\n',
  requirements: 'numpy\n',
  pythonVersion: '3.11',
}
const MODEL = {
  name: 'Small',
  slug: 'small',
  version: '1.0.0',
  inputShape: '(n, 4)',
  blocks: [
    { type: 'tabular_embedder', config: { d_in: 4 } },
    { type: 'transformer_encoder' },
    { type: 'quantile_head' },
  ],
  outputHeads: [{ name: 'y', task: 'regression' }],
}
const EVAL = {
  name: 'Held-out',
  slug: 'held-out',
  version: '1.0.0',
  task: 'cate',
  dataset: { name: 'lines', split: '' },
  metrics: ['rmse'],
}
const KINDS = [
  ['priors', PRIOR],
  ['models', MODEL],
  ['evals', EVAL],
] as const

/** A membership as `add` of the owner makes it. */
async function addMember(project: string, token: string, role: string): Promise<string> {
  const id = await accountId(token)
  const answer = await as(alice, 'POST', `/projects/${project}/members`, { account: id, role })
  expect(answer.status).toBe(201)
  return id
}

async function accountId(token: string): Promise<string> {
  const own = await makeProject(token)
  return (await as(token, 'GET', `/projects/${own}/members`)).json.members[0].accountId
}

function expectRefused(answer: Answer, status: number, code: string) {
  expect([answer.status, answer.json.error_code]).toEqual([status, code])
  expect(studioErrorSchema.parse(answer.json).error.length).toBeGreaterThan(0)
}

describe('projects', () => {
  test('are found by id and by slug, with _ for -, and with /api in front', async () => {
    const made = await as(alice, 'POST', '/projects', { name: 'Übung: Zwei & mehr', roadmap: '# v0.1' })
    expect(made.json).toMatchObject({ slug: 'ubung-zwei-mehr', roadmap: '# v0.1', counts: { priors: 0 } })
    for (const handle of [made.json.id, 'ubung-zwei-mehr', 'ubung_zwei_mehr']) {
      for (const prefix of ['', '/api']) {
        const { json } = await as(alice, 'GET', `${prefix}/projects/${handle}`)
        expect(json).toEqual(made.json)
      }
    }
    expect((await as(alice, 'GET', '/api/projects')).json.projects).toContainEqual(
      expect.objectContaining({ id: made.json.id }),
    )
  })

  test('have slugs of their own among the projects of an account, not among those of all', async () => {
    const body = { name: 'Same', slug: 'same' }
    expect((await as(alice, 'POST', '/projects', body)).status).toBe(201)
    const again = await as(alice, 'POST', '/projects', body)
    expectRefused(again, 409, 'PROJECT_SLUG_TAKEN')
    expect(again.json.error).toContain('unique')
    expect((await as(bob, 'POST', '/projects', body)).status).toBe(201)
    const other = await makeProject()
    expectRefused(await as(alice, 'PATCH', `/projects/${other}`, { slug: 'same' }), 409, 'PROJECT_SLUG_TAKEN')
  })

  test('are changed field by field and deleted for good', async () => {
    const id = await makeProject()
    const changed = await as(alice, 'PATCH', `/projects/${id}`, { roadmap: 'later' })
    expect(changed.json).toMatchObject({ roadmap: 'later', name: expect.stringMatching(/^Project/) })
    expect((await as(alice, 'DELETE', `/projects/${id}`)).status).toBe(200)
    expectRefused(await as(alice, 'GET', `/projects/${id}`), 404, 'NOT_FOUND')
  })

  test.each([
    [{ name: '' }, 'name'],
    [{ name: 'x', slug: 'A b' }, 'slug'],
    [{ name: 'x', owner: 'bob' }, 'owner'],
    [{ name: '§§§' }, 'slug'],
    [{ name: 'x', roadmap: 'x'.repeat(262_145) }, 'roadmap'],
  ])('refuse %j and name the field', async (body, field) => {
    const answer = await as(alice, 'POST', '/projects', body)
    expectRefused(answer, 422, 'REQUEST_VALIDATION_ERROR')
    expect(answer.json.errors[0].field).toBe(field)
  })
})

describe('authorization', () => {
  test('is taken as Bearer and as Token, and answered as programs of the studio read it', async () => {
    for (const scheme of ['Bearer', 'Token']) {
      const headers = { authorization: `${scheme} ${alice}` }
      expect((await server.call('GET', '/projects', { token: null, headers })).status).toBe(200)
    }
    for (const authorization of [undefined, 'Token wrong', `Basic ${alice}`]) {
      const headers = authorization === undefined ? {} : { authorization }
      const answer = await server.call('GET', '/projects', { token: null, headers })
      expectRefused(answer, 401, 'UNAUTHORIZED')
      expect(answer.json.error).toBe('Unauthorized')
    }
  })

  test('is asked for before anything else, on every route', async () => {
    const paths = ['/projects', '/projects/x', '/projects/x/export', '/projects/x/evals/y', '/api/api-tokens']
    for (const path of paths) {
      expectRefused(await server.call('GET', path, { token: null }), 401, 'UNAUTHORIZED')
    }
    const body = { nonsense: true }
    expectRefused(
      await server.call('POST', '/api/project-imports', { token: null, body }),
      401,
      'UNAUTHORIZED',
    )
  })

  test('with Token opens no other route', async () => {
    const headers = { authorization: `Token ${alice}` }
    expect((await server.call('GET', '/protected', { token: null, headers })).status).toBe(401)
  })
})

describe.each(KINDS)('%s', (plural, body) => {
  test('are stored, shown with the fields that came, and listed', async () => {
    const base = `/projects/${await makeProject()}/${plural}`
    const made = await as(alice, 'POST', `/api${base}`, body)
    expect(made.status).toBe(201)
    const { metrics: _, ...asSent } = body as Record<string, unknown>
    expect(made.json).toMatchObject({ ...asSent, versions: ['1.0.0'], forkedFrom: null })
    for (const handle of [made.json.id, body.slug, body.slug.replace(/[_-]/, '-')]) {
      expect((await as(alice, 'GET', `${base}/${handle}`)).json).toEqual(made.json)
    }
    const [listed] = (await as(alice, 'GET', base)).json[plural]
    expect(listed).toMatchObject({ id: made.json.id, slug: body.slug, version: '1.0.0' })
  })

  test('have versions that never change and only rise', async () => {
    const base = `/projects/${await makeProject()}/${plural}`
    const put = (change: object) => as(alice, 'POST', base, { ...body, ...change })
    expect((await put({})).status).toBe(201)
    expect((await put({})).status).toBe(200)
    const conflict = await put({ description: 'other' })
    expectRefused(conflict, 409, 'ARTEFACT_EXISTS')
    expect(conflict.json.error).toContain('unique')
    expectRefused(await put({ version: '0.9.0' }), 409, 'VERSION_NOT_HIGHER')
    expect((await put({ version: '1.10', description: 'newer' })).json.versions).toEqual(['1.0.0', '1.10.0'])
    const changed = await as(alice, 'PATCH', `${base}/${body.slug}`, { description: 'newest' })
    expect(changed.json).toMatchObject({ version: '1.10.1', description: 'newest', name: body.name })
    const shown = async (query: string) => (await as(alice, 'GET', `${base}/${body.slug}${query}`)).json
    expect((await shown('')).description).toBe('newest')
    expect((await shown('?version=1.0.0')).version).toBe('1.0.0')
    expectRefused(await as(alice, 'GET', `${base}/${body.slug}?version=7.0.0`), 404, 'NOT_FOUND')
    expectRefused(
      await as(alice, 'PATCH', `${base}/${body.slug}`, { slug: 'moved' }),
      422,
      'REQUEST_VALIDATION_ERROR',
    )
  })

  test('that arrive at the same time under one version are stored once', async () => {
    const base = `/projects/${await makeProject()}/${plural}`
    const put = (i: number) => as(alice, 'POST', base, { ...body, description: `writer ${i}` })
    const answers = await Promise.all([0, 1, 2, 3, 4].map(put))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409])
    const stored = answers.find(({ status }) => status === 201)?.json
    expect((await as(alice, 'GET', `${base}/${body.slug}`)).json).toEqual(stored)
  })

  test('are deleted with all versions', async () => {
    const base = `/projects/${await makeProject()}/${plural}`
    const { id } = (await as(alice, 'POST', base, body)).json
    expect((await as(alice, 'DELETE', `${base}/${id}`)).status).toBe(200)
    expectRefused(await as(alice, 'GET', `${base}/${id}`), 404, 'NOT_FOUND')
    expect((await as(alice, 'GET', base)).json[plural]).toEqual([])
  })

  test('of a foreign project cannot be told from those of an unknown one', async () => {
    const project = await makeProject()
    const { id } = (await as(alice, 'POST', `/projects/${project}/${plural}`, body)).json
    const calls = [
      ['GET', ''],
      ['POST', '', body],
      ['GET', `/${id}`],
      ['PATCH', `/${id}`, { description: 'stolen' }],
      ['DELETE', `/${id}`],
    ] as const
    for (const [method, path, sent] of calls) {
      const ask = (handle: string) => as(bob, method, `/projects/${handle}/${plural}${path}`, sent)
      expectSame(await ask(project), await ask(UNKNOWN), project)
    }
    const own = await makeProject(bob)
    const there = (handle: string) => as(bob, 'GET', `/projects/${own}/${plural}/${handle}`)
    expectSame(await there(id), await there(UNKNOWN), id)
  })
})

describe('a draft', () => {
  const put = async (plural: string, body: unknown) =>
    as(alice, 'POST', `/projects/${await makeProject()}/${plural}`, body)

  test('may come in the forms that files have', async () => {
    const prior = await put('priors', {
      id: 'lines',
      version: 'v2',
      parameters: { n: { type: 'integer' } },
      outputs: [{ name: 'y', type: 'scalar' }],
      capabilities: { forecast: true },
      checkpoint_dir: '/srv/secret',
    })
    expect(prior.json).toMatchObject({
      slug: 'lines',
      name: 'lines',
      version: '2.0.0',
      kind: 'custom',
      parameters: { n: { type: 'int' } },
      outputs: { variables: [{ name: 'y' }] },
      extra: { capabilities: { forecast: true } },
    })
    expect(prior.text).not.toContain('/srv/secret')
    const model = await put('models', {
      name: 'M',
      input_shape: [3],
      output_heads: [{ name: 'y', task: 'x' }],
    })
    expect(model.json).toMatchObject({ inputShape: [3], outputHeads: [{ name: 'y' }], d_in: null })
    const evaluation = await put('evals', {
      name: 'E',
      task: 'regression',
      dataset: 'iris',
      metrics: ['acc'],
    })
    expect(evaluation.json).toMatchObject({ dataset: { name: 'iris' }, metrics: [{ name: 'acc' }] })
  })

  test('of a model says its width, from its first block with one or by itself', async () => {
    expect((await put('models', MODEL)).json.d_in).toBe(4)
    expect((await put('models', { ...MODEL, slug: 'wide', blocks: [], d_in: 2 })).json.d_in).toBe(2)
  })

  test.each([
    ['priors', { name: 'x', kind: 'magic' }, 'kind'],
    ['priors', { name: 'x', version: 'one' }, 'version'],
    ['priors', { name: 'x', parameters: { a: { type: 'quaternion' } } }, 'parameters.a.type'],
    ['priors', { name: 'x', code: 'é'.repeat(131_073) }, 'code'],
    ['priors', { name: 'x', implementation: '../prior.py' }, 'implementation'],
    ['priors', { version: '1.0.0' }, 'slug'],
    ['models', { name: 'x', blocks: [{ config: {} }] }, 'blocks.0.type'],
    ['models', { name: 'x', extra: { blocks: [] } }, 'extra.blocks'],
    ['evals', { name: 'x', metrics: [{ name: 'a', higher_is_better: 'yes' }] }, 'metrics.0'],
    ['evals', { name: 'x', note: 'a\ud800' }, 'note'],
  ])('in %s that is %j is refused by field', async (plural, body, field) => {
    const answer = await put(plural, body)
    expectRefused(answer, 422, 'REQUEST_VALIDATION_ERROR')
    expect(answer.json.errors[0].field).toMatch(new RegExp(`^${field.replaceAll('.', '\\.')}`))
  })

  test('may not be nested without end, nor larger than a file may be', async () => {
    const deep = `{"name":"x","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expectRefused(await put('priors', deep), 422, 'REQUEST_VALIDATION_ERROR')
    expectRefused(await put('priors', '{"name":"x","a":1e999}'), 422, 'REQUEST_VALIDATION_ERROR')
    const large = await put('models', { name: 'x', note: 'x'.repeat(300_000) })
    expectRefused(large, 422, 'REQUEST_VALIDATION_ERROR')
  })
})

describe('a fork', () => {
  test('is a prior of its own that names its source', async () => {
    const [from, to] = [await makeProject(), await makeProject()]
    await as(alice, 'POST', `/projects/${from}/priors`, PRIOR)
    const path = `/projects/${from}/priors/straight-lines/fork`
    const fork = await as(alice, 'POST', path, { slug: 'my-lines', project: to })
    expect(fork.status).toBe(201)
    expect(fork.json).toMatchObject({
      projectId: to,
      slug: 'my-lines',
      code: PRIOR.code,
      forkedFrom: { slug: 'straight_lines', version: '1.0.0' },
    })
    expectRefused(
      await as(alice, 'POST', path, { slug: 'my_lines', project: to }),
      409,
      'ARTEFACT_SLUG_TAKEN',
    )
    const foreign = await makeProject(bob)
    expectRefused(await as(alice, 'POST', path, { slug: 'x', project: foreign }), 404, 'NOT_FOUND')
    expectRefused(await as(bob, 'POST', path, { slug: 'x', project: foreign }), 404, 'NOT_FOUND')
  })
})

describe('wheels', () => {
  test('are refused with the reason, and a foreign prior is still unknown', async () => {
    const project = await makeProject()
    await as(alice, 'POST', `/projects/${project}/priors`, PRIOR)
    const send = (token: string, prior: string) => {
      const form = new FormData()
      form.set('file', new Blob(['PK']), 'x-1.0-py3-none-any.whl')
      const headers = { authorization: `Token ${token}` }
      const url = `${server.url}/api/projects/${project}/priors/${prior}/wheels`
      return fetch(url, { method: 'POST', body: form, headers })
    }
    const refused = await send(alice, 'straight_lines')
    expect(refused.status).toBe(422)
    expect(((await refused.json()) as { error: string }).error).toContain('runs no Python')
    expect((await send(alice, 'nothing')).status).toBe(404)
    expect((await send(bob, 'straight_lines')).status).toBe(404)
  })
})

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
    expect((await as(bob, 'PATCH', path, { slug: `of-bob-${count}` })).status).toBe(200)
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

/** The same answer for a foreign id as for an unknown one, but for the id and the trace. */
function expectSame(foreign: Answer, unknown: Answer, id: string) {
  const comparable = ({ status, text, json }: Answer, shown: string) => [
    status,
    text.replaceAll(shown, 'ID').replaceAll(json.trace_id, ''),
  ]
  expect(comparable(foreign, id)).toEqual(comparable(unknown, UNKNOWN))
  expect(foreign.status).toBe(404)
}
