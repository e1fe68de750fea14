/** Projects and what they hold, as programs use them; who may see and change what. */
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

let studio: StudioServer
let server: TestServer
let alice: string
let bob: string

beforeAll(async () => {
  studio = await StudioServer.start()
  ;({ server, alice, bob } = studio)
})
afterAll(() => studio.close())

const as: StudioServer['as'] = (...call) => studio.as(...call)
const makeProject: StudioServer['makeProject'] = (...order) => studio.makeProject(...order)

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
