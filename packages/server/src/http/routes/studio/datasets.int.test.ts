/** Datasets of projects: stored as they come, counted, versioned, shared with members alone, and taken along by archives. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { writeTar } from '@posterior/project'
import { fromRows, writeParquet } from '@posterior/tabular'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Part, postForm } from '../../../testing/forms.ts'
import {
  createAccounts,
  startTestServer,
  type TestServer,
  temporaryFolder,
} from '../../../testing/test-server.ts'

let server: TestServer
let alice: string
let bob: string
let project: string

/** Rows of two classes, of which every fourth is for asking. */
const FLOWERS = `length,colour,kind,part\n${Array.from({ length: 40 }, (_, i) => {
  return `${i % 7}.5,${i % 2 ? 'red' : 'blue'},${i % 3 ? 'rose' : 'lily'},${i % 4 ? 'train' : 'test'}`
}).join('\n')}\n`

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = (await createAccounts(server, 'alice', 'bob')) as [string, string]
  project = (await as(alice, 'POST', '/projects', { name: 'Flowers' })).json.id
})
afterAll(() => server.close())

const as = (token: string, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })

const store = (query: string, table: string | Uint8Array = FLOWERS, into = project, token = alice) =>
  server.call('POST', `/projects/${into}/datasets?${query}`, {
    token,
    body: Buffer.from(table),
    headers: { 'content-type': 'text/csv' },
  })

const sendForm = (into: string, parts: Record<string, Part>, query = '') =>
  postForm(server, `/projects/${into}/datasets${query}`, parts, alice)
const file = { file: FLOWERS }
const FACTS = { id: 'a', target: 'kind' }

const bytesOf = async (path: string, token = alice) => {
  const answer = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
}

const tables = () => readdir(join(server.dataDir, 'blobs', 'datasets')).catch(() => [])
const hashOf = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('a dataset', () => {
  test('is stored with the hash, the columns and the splits of its table', async () => {
    const stored = await store(
      'name=Flowers&version=1.0&target=kind&split_column=part&description=of%20a%20garden',
    )
    expect(stored.status, stored.text).toBe(201)
    expect(stored.json).toMatchObject({
      ...{ key: 'registry:flowers@1.0.0', slug: 'flowers', versions: ['1.0.0'], description: 'of a garden' },
      ...{ sha256: hashOf(FLOWERS), sizeBytes: FLOWERS.length, numRows: 40, format: 'csv' },
      ...{ dir: 'datasets/flowers', filename: 'flowers.csv', target: 'kind', splitColumn: 'part' },
      columns: [
        { name: 'length', type: 'number' },
        { name: 'colour', type: 'string' },
        { name: 'kind', type: 'string' },
        { name: 'part', type: 'string' },
      ],
      splits: [
        { name: 'train', path: 'datasets/flowers/flowers.csv', numRows: 30 },
        { name: 'test', path: 'datasets/flowers/flowers.csv', numRows: 10 },
      ],
    })
    for (const prefix of ['', '/api']) {
      const shown = await as(alice, 'GET', `${prefix}/projects/flowers/datasets/flowers`)
      expect(shown.json).toEqual(stored.json)
      const { datasets } = (await as(alice, 'GET', `${prefix}/projects/${project}/datasets`)).json
      expect(datasets).toMatchObject([{ id: stored.json.id, slug: 'flowers', version: '1.0.0' }])
    }
    expect((await as(alice, 'GET', `/projects/${project}`)).json.counts.datasets).toBe(1)
  })

  test('comes back byte by byte', async () => {
    const { status, headers, bytes } = await bytesOf(`/projects/${project}/datasets/flowers/file`)
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv'])
    expect(headers.get('content-disposition')).toContain('flowers.csv')
    expect(bytes.toString()).toBe(FLOWERS)
  })

  test('has versions that never change', async () => {
    const same = 'slug=flowers&name=Flowers&target=kind&split_column=part&description=of%20a%20garden'
    expect((await store(`${same}&version=1.0.0`)).status).toBe(200)
    const changed = await store(`${same}&version=1.0.0`, `${FLOWERS}9,red,rose,test\n`)
    expect([changed.status, changed.json.error_code]).toEqual([409, 'ARTEFACT_EXISTS'])
    expect((await store(`${same}&version=0.9.0`)).json.error_code).toBe('VERSION_NOT_HIGHER')
    const next = await store('slug=flowers&version=1.1.0&target=length')
    expect(next.json.versions).toEqual(['1.0.0', '1.1.0'])
    // Rows are dealt 3 to 1 where no column tells them.
    expect(next.json.splits.map((each: { numRows: number }) => each.numRows)).toEqual([30, 10])
    const first = await as(alice, 'GET', `/projects/${project}/datasets/flowers?version=1.0`)
    expect(first.json.splitColumn).toBe('part')
    // Both versions have the same table, which is there once.
    expect(await tables()).toEqual([hashOf(FLOWERS)])
  })

  test('may be a Parquet file', async () => {
    const folder = await temporaryFolder()
    try {
      const path = join(folder.path, 'table.parquet')
      const rows = Array.from({ length: 8 }, (_, i) => [i, i * 2])
      await writeParquet(fromRows(['a', 'y'], rows), path)
      const bytes = await readFile(path)
      const stored = await store('slug=lines&target=y&format=parquet', bytes)
      expect(stored.status, stored.text).toBe(201)
      expect(stored.json).toMatchObject({ numRows: 8, format: 'parquet', filename: 'lines.parquet' })
      const read = await bytesOf(`/projects/${project}/datasets/lines/file`)
      expect(read.headers.get('content-type')).toBe('application/vnd.apache.parquet')
      expect(read.bytes.equals(bytes)).toBe(true)
    } finally {
      await folder.cleanUp()
    }
  })

  test('sent as a form has citations and whatever else its file says, in its archives too', async () => {
    const garden = (await as(alice, 'POST', '/projects', { name: 'Garden' })).json.id
    const document = {
      ...{ id: 'beds', version: '1.0.0', target: 'kind', split_column: 'part', filename: 'table.csv' },
      ...{ description: 'of a\ngarden', citations: ['gauss1809', { doi: '10.1/x' }], license: 'CC0-1.0' },
    }
    const stored = await sendForm(garden, { dataset: { json: document }, file })
    expect(stored.status, stored.text).toBe(201)
    expect(stored.json).toMatchObject({
      ...{
        slug: 'beds',
        numRows: 40,
        filename: 'table.csv',
        splitColumn: 'part',
        description: 'of a\ngarden',
      },
      ...{ citations: document.citations, extra: { license: 'CC0-1.0' } },
    })
    const again = await sendForm(garden, { dataset: { json: document }, file }, '?target=kind')
    expect(again.status, again.text).toBe(200)
    const { bytes } = await bytesOf(`/projects/${garden}/export`)
    const imported = await server.call('POST', '/project-imports', { token: bob, body: bytes })
    const copy = (await as(bob, 'GET', `/projects/${imported.json.id}/datasets/beds`)).json
    const own = { id: '', projectId: '', createdAt: '' }
    expect({ ...copy, ...own }).toEqual({ ...stored.json, ...own })
    for (const [id, token] of [
      [garden, alice],
      [imported.json.id, bob],
    ])
      expect((await as(token, 'DELETE', `/projects/${id}`)).status).toBe(200)
  })

  test.each([
    ['no document', { file }, 400, undefined, 'its first part must be "dataset"'],
    ['no table', { dataset: { json: FACTS } }, 400, undefined, 'the file "file" is missing'],
    ['another file', { dataset: { json: FACTS }, table: file }, 400, undefined, 'the file "file" is missing'],
    ['one part more', { dataset: { json: FACTS }, file, x: { json: 1 } }, 400, undefined, 'has a part "x"'],
    ['a list', { dataset: { json: [] }, file }, 422, 'body', 'object'],
    ['no target', { dataset: { json: { id: 'a' } }, file }, 422, 'target', ''],
    [
      'another hash',
      { dataset: { json: { ...FACTS, sha256: '0'.repeat(64) } }, file },
      422,
      'sha256',
      'table has',
    ],
  ] as const)('sent as a form with %s is refused', async (_what, parts, status, field, message) => {
    const before = await tables()
    const refused = await sendForm(project, parts)
    expect([refused.status, refused.json.errors?.[0]?.field], refused.text).toEqual([status, field])
    expect(refused.json.error).toContain(message)
    expect(await tables()).toEqual(before)
  })

  test.each([
    ['target=kin', FLOWERS, 422, 'target', "There is no column 'kin'"],
    ['target=kind&split_column=colour', FLOWERS, 422, 'split_column', 'names no row "train"'],
    ['target=kind&split_column=kind', FLOWERS, 422, 'split_column', 'is the target'],
    ['target=a', 'a,b\n1,2\n,3\n', 422, 'target', 'missing in data row 2'],
    ['target=a', 'a\n1\n2\n', 422, 'body', 'no column beside the target'],
    ['target=a&format=parquet', FLOWERS, 422, 'body', ''],
  ])('with %s is refused when its table does not fit', async (query, table, status, field, message) => {
    const before = await tables()
    const refused = await store(`slug=bad&${query}`, table)
    expect(refused.status, refused.text).toBe(status)
    expect(refused.json.errors[0].field).toBe(field)
    expect(refused.json.error).toContain(message)
    expect(await tables()).toEqual(before)
    expect((await as(alice, 'GET', `/projects/${project}/datasets/bad`)).status).toBe(404)
  })

  test('that is too large is refused before it is read', async () => {
    const refused = await store('slug=big&target=a', `a,b\n${'1,2\n'.repeat(2_200_000)}`)
    expect([refused.status, refused.json.error_code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    const wide = await store(
      'slug=wide&target=a',
      `a,${Array.from({ length: 2_001 }, (_, i) => `c${i}`).join()}\n`,
    )
    expect([wide.status, wide.json.error_code]).toEqual([422, 'LIMIT_EXCEEDED'])
  })
})

describe('another account', () => {
  test('finds no dataset of the project', async () => {
    const calls = [
      as(bob, 'GET', `/projects/${project}/datasets`),
      as(bob, 'GET', `/projects/${project}/datasets/flowers`),
      as(bob, 'GET', `/projects/${project}/datasets/flowers/file`),
      as(bob, 'GET', `/api/projects/${project}/datasets/flowers/file`),
      as(bob, 'DELETE', `/projects/${project}/datasets/flowers`),
      store('slug=flowers&target=kind', FLOWERS, project, bob),
    ]
    for (const answer of await Promise.all(calls)) expect(answer.status).toBe(404)
  })

  test('that may only look stores and deletes none', async () => {
    const own = (await as(bob, 'POST', '/projects', { name: 'Own' })).json.id
    const { accountId: account } = (await as(bob, 'GET', `/projects/${own}/members`)).json.members[0]
    await as(alice, 'POST', `/projects/${project}/members`, { account, role: 'viewer' })
    expect((await bytesOf(`/projects/${project}/datasets/flowers/file`, bob)).status).toBe(200)
    for (const answer of [
      await store('slug=more&target=kind', FLOWERS, project, bob),
      await as(bob, 'DELETE', `/projects/${project}/datasets/flowers`),
    ])
      expect([answer.status, answer.json.error_code]).toEqual([403, 'ROLE_TOO_LOW'])
  })
})

describe('an archive', () => {
  test('takes datasets along, and they come back unchanged', async () => {
    const { bytes } = await bytesOf(`/projects/${project}/export`)
    const imported = await server.call('POST', '/project-imports', { token: bob, body: bytes })
    expect(imported.status, imported.text).toBe(201)
    expect(imported.json).toMatchObject({ skipped: [], counts: { datasets: 2 } })
    const copy = imported.json.id
    expect((await bytesOf(`/projects/${copy}/export`, bob)).bytes.equals(bytes)).toBe(true)
    const own = { id: '', projectId: '', createdAt: '' }
    for (const version of ['1.0.0', '1.1.0']) {
      const path = `datasets/flowers?version=${version}`
      const [one, other] = [
        await as(alice, 'GET', `/projects/${project}/${path}`),
        await as(bob, 'GET', `/projects/${copy}/${path}`),
      ]
      expect({ ...other.json, ...own }).toEqual({ ...one.json, ...own })
    }
    expect((await bytesOf(`/projects/${copy}/datasets/flowers/file`, bob)).bytes.toString()).toBe(FLOWERS)
    // The same table of two accounts is one file, which stays as long as one of them has it.
    expect((await as(bob, 'DELETE', `/projects/${copy}`)).status).toBe(200)
    expect((await bytesOf(`/projects/${project}/datasets/flowers/file`)).status).toBe(200)
  })

  test('written by hand is counted again, and refused when its table is another one', async () => {
    const archive = (document: string, table = 'x,y\n1,2\n2,4\n3,6\n4,8\n') =>
      gzipSync(
        writeTar([
          { path: 'project.yaml', bytes: Buffer.from('name: By hand\n') },
          { path: 'datasets/pairs/dataset.yaml', bytes: Buffer.from(document) },
          ...(table === '' ? [] : [{ path: 'datasets/pairs/pairs.csv', bytes: Buffer.from(table) }]),
        ]),
      )
    const send = (body: Uint8Array) => server.call('POST', '/project-imports', { token: bob, body })
    const wrong = await send(archive(`target: y\nsha256: "${'0'.repeat(64)}"\n`))
    expect([wrong.status, wrong.json.errors[0].field]).toEqual([422, 'datasets/pairs/dataset.yaml: sha256'])
    const missing = await send(archive('target: y\n', ''))
    expect(missing.status).toBe(422)
    expect(missing.json.errors[0].message).toContain('pairs.csv, which is not there')
    const unknown = await send(archive('target: z\n'))
    expect([unknown.status, unknown.json.errors[0].field]).toEqual([422, 'pairs.csv: target'])
    const imported = await send(archive('target: y\nnum_rows: 1000\n'))
    expect(imported.status, imported.text).toBe(201)
    const shown = await as(bob, 'GET', `/projects/${imported.json.id}/datasets/pairs`)
    expect(shown.json).toMatchObject({ numRows: 4, filename: 'pairs.csv', target: 'y' })
  })
})

test('the table goes with the last version that has it, and with its project', async () => {
  expect((await tables()).length).toBe(3)
  expect((await as(alice, 'DELETE', `/projects/${project}/datasets/flowers`)).status).toBe(200)
  expect((await bytesOf(`/projects/${project}/datasets/flowers/file`)).status).toBe(404)
  expect(await tables()).not.toContain(hashOf(FLOWERS))
  expect((await as(alice, 'DELETE', `/projects/${project}`)).status).toBe(200)
  expect((await tables()).length).toBe(1)
})
