/** Initiatives and literature are kept as they were written, with their projects and in archives; priors are checked without a run. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { readTar, writeTar } from '@posterior/project'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccounts, startTestServer, type TestServer } from '../../../testing/test-server.ts'

let server: TestServer
let alice: string
let bob: string
let project: string

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
  project = (await as(alice, 'POST', '/projects', { name: 'Plans' })).json.id
})
afterAll(() => server.close())

const as = (token: string, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })

const PLAN = '\ufeff---\r\nid: 0001-first\r\n---\r\nodd\r\n'
const INITIATIVE = '---\nid: 0002-second\ntitle: Second\nstatus: proposed\nversion_target: v0.1\n---\n# Why\n'
const BIB = '@article{muller2022,\n  title={Transformers Can Do Bayesian Inference},\n}\n'

const FILES: Readonly<Record<string, string>> = {
  'initiatives/0001-first.md': PLAN,
  'initiatives/0002-second.md': INITIATIVE,
  'literature/muller2022.md': 'A summary, without a head.\n',
  'literature/references.bib': BIB,
}

describe('a note', () => {
  test('is stored, replaced, listed and deleted', async () => {
    for (const prefix of ['', '/api']) {
      const path = `${prefix}/projects/plans/initiatives/0002-second`
      expect((await as(alice, 'PUT', path, { text: 'first' })).status).toBe(201)
      const stored = await as(alice, 'PUT', path, { text: INITIATIVE })
      expect([stored.status, stored.json.text]).toEqual([200, INITIATIVE])
      expect(stored.json.fields).toEqual({
        ...{ id: '0002-second', title: 'Second', status: 'proposed', version_target: 'v0.1' },
      })
      expect((await as(alice, 'GET', path)).json).toEqual(stored.json)
      const { text: _, ...summary } = stored.json
      expect((await as(alice, 'GET', `${prefix}/projects/plans/initiatives`)).json).toEqual({
        initiatives: [summary],
      })
      expect((await as(alice, 'GET', `${prefix}/projects/plans/literature`)).json).toEqual({ literature: [] })
      expect((await as(alice, 'DELETE', path)).status).toBe(200)
      expect((await as(alice, 'GET', path)).status).toBe(404)
      expect((await as(alice, 'DELETE', path)).status).toBe(404)
    }
  })

  test.each(['a b', '..%2Fx', '.hidden', 'plan.md'])('with the id %s is refused', async (id) => {
    const refused = await as(alice, 'PUT', `/projects/${project}/literature/${encodeURIComponent(id)}`, {
      text: '',
    })
    expect([refused.status, refused.json.error_code]).toEqual([422, 'REQUEST_VALIDATION_ERROR'])
  })

  test('that is too long, and more than a project may hold, are refused', async () => {
    const path = (id: string) => `/projects/${project}/literature/${id}`
    const long = await as(alice, 'PUT', path('long'), { text: 'x'.repeat(262_145) })
    expect([long.status, long.json.errors[0].field]).toEqual([422, 'text'])
    const many = await as(alice, 'POST', '/projects', { name: 'Many' })
    const most = 'x'.repeat(262_144)
    const answers = []
    for (let i = 0; i < 16; i++) {
      answers.push(
        (await as(alice, 'PUT', `/projects/${many.json.id}/literature/w${i}`, { text: most })).status,
      )
    }
    expect(answers).toEqual([...Array(15).fill(201), 409])
    // The text that it takes the place of does not count.
    expect((await as(alice, 'PUT', `/projects/${many.json.id}/literature/w0`, { text: most })).status).toBe(
      200,
    )
  })

  test.each(['literature', 'initiatives'])('of %s is not there for another account', async (kind) => {
    const path = `/projects/${project}/${kind}`
    await as(alice, 'PUT', `${path}/secret`, { text: 'x' })
    for (const [method, to, body] of [
      ['GET', path],
      ['GET', `${path}/secret`],
      ['PUT', `${path}/secret`, { text: 'y' }],
      ['DELETE', `${path}/secret`],
    ] as const) {
      expect((await as(bob, method, to, body)).status, `${method} ${to}`).toBe(404)
    }
    expect((await as(alice, 'GET', `${path}/secret`)).json.text).toBe('x')
    await as(alice, 'DELETE', `${path}/secret`)
  })
})

test('an archive brings initiatives and literature in, and takes them out unchanged', async () => {
  const all = { 'project.yaml': 'name: "Imported"\n', ...FILES, 'literature/paper.pdf': '%PDF' }
  const body = gzipSync(
    writeTar(Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))),
  )
  const imported = await server.call('POST', '/project-imports', { token: alice, body })
  expect(imported.status, imported.text).toBe(201)
  expect(imported.json.skipped).toEqual([
    {
      path: 'literature/paper.pdf',
      reason: 'it is no initiative, no summary of a work and not the bibliography',
    },
  ])
  const answer = await fetch(`${server.url}/projects/${imported.json.id}/export`, {
    headers: { authorization: `Bearer ${alice}` },
  })
  const archive = gunzipSync(Buffer.from(await answer.arrayBuffer()))
  const texts = readTar(archive, { maxEntries: 100 }).map(({ path, bytes }) => [path, String(bytes)])
  expect(Object.fromEntries(texts)).toMatchObject(FILES)
  const { literature } = (await as(alice, 'GET', '/projects/imported/literature')).json
  expect(literature.map(({ id }: { id: string }) => id)).toEqual(['muller2022', 'references.bib'])
})

describe('a prior is checked without a run', () => {
  const check = (prior: string, body?: unknown, token = alice) =>
    as(token, 'POST', `/projects/${project}/priors/${prior}/check`, body)

  test('of the catalogue, with the overrides that a run would have', async () => {
    const fine = await check('coin-flip')
    expect(fine.status, fine.text).toBe(200)
    expect(fine.json).toMatchObject({ ok: true, slug: 'coin-flip', source: 'catalogue', problems: [] })
    const wrong = await check('linear-regression', { overrides: { noise_scale: -1 } })
    expect(wrong.json).toMatchObject({ ok: false, problems: [{ field: 'prior.overrides.noise_scale' }] })
    const large = await check('linear-regression', { overrides: { num_points: 100_000 } })
    expect(large.json.ok).toBe(false)
    expect((await check('nothing')).status).toBe(404)
    expect((await check('coin-flip', undefined, bob)).status).toBe(404)
  })

  test('of the project, by running its code', async () => {
    const outputs = [
      { name: 'x', type: 'tensor' },
      { name: 'y', type: 'tensor' },
    ]
    const draft = { name: 'Broken', implementation: 'prior.ts', outputs }
    await as(alice, 'POST', `/projects/${project}/priors`, { ...draft, code: 'export const nothing = 1\n' })
    const broken = await check('broken')
    expect(broken.status, broken.text).toBe(200)
    expect(broken.json).toMatchObject({ ok: false, source: 'project', problems: [{ field: 'prior' }] })
    const unknown = await check('broken', { version: '9.0.0' })
    expect(unknown.json.problems[0].field).toBe('prior.version')
    expect((await as(alice, 'GET', `/projects/${project}/runs`)).json.runs).toEqual([])
  }, 60_000)
})
