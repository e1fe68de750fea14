/** Projects leave as archives and come back unchanged; archives that would do harm are refused. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { readTar, writeTar } from '@posterior/project'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createAccounts,
  startTestServer,
  type TestServer,
  temporaryFolder,
} from '../../../testing/test-server.ts'

let server: TestServer
let alice: string
let bob: string

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = (await createAccounts(server, 'alice-secret', 'bob')) as [string, string]
})
afterAll(() => server.close())

const as = (token: string, method: string, path: string, body?: unknown) =>
  server.call(method, path, { token, ...(body !== undefined && { body }) })

async function exported(token: string, project: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${server.url}/projects/${project}/export`, { headers })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/gzip'])
  return Buffer.from(await answer.arrayBuffer())
}

const importFrom = (token: string, archive: Buffer, query = '') =>
  server.call('POST', `/project-imports${query}`, {
    token,
    body: archive,
    headers: { 'content-type': 'application/gzip' },
  })

/** An archive of these files. */
const archiveOf = (files: Record<string, string>) =>
  gzipSync(writeTar(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))))

const textsIn = (archive: Buffer) =>
  new Map(readTar(gunzipSync(archive), { maxEntries: 1_000 }).map(({ path, bytes }) => [path, String(bytes)]))

/** Texts that YAML could take for something else, or lose. */
const ODD = [
  'no',
  '1.0',
  '~',
  '',
  ' a ',
  'a: b',
  '# c',
  'x\r\ny\n\n',
  'tab\t\u0085\u2028\u0000',
  '"\'\\',
  '😀',
  '\ufeff',
]

async function makeFullProject(token: string): Promise<string> {
  const body = { name: 'Lines: "all"', description: 'of us', roadmap: '# v0.1\r\n- [ ] more\n' }
  const { id } = (await as(token, 'POST', '/projects', body)).json
  const put = async (plural: string, draft: object) => {
    const answer = await as(token, 'POST', `/projects/${id}/${plural}`, draft)
    expect(answer.status, answer.text).toBe(201)
  }
  const prior = {
    name: 'Lines',
    slug: 'x'.repeat(64),
    version: '1.0.0',
    code: '\ufeffdef sample():\r\n\treturn "é"\n',
    requirements: '',
    rationale: '# Why\n',
    pythonVersion: '3.11',
    parameters: Object.fromEntries(
      ODD.map((text, i) => [`p${i} ${text}`, { type: 'categorical', choices: ODD }]),
    ),
    outputs: [{ name: 'X', type: 'tensor', shape: '(n, d)' }],
    marketplace: { odd: ODD, numbers: [0, -1.5, 1e21, 1e-7, 123456789012], yes: true, none: null, empty: {} },
  }
  await put('priors', prior)
  await put('priors', {
    ...prior,
    version: '123456789.123456789.123456789',
    code: null,
    description: 'later',
  })
  await put('priors', { name: 'TypeScript', implementation: 'prior.ts', code: 'export const sample = 1\n' })
  await as(token, 'POST', `/projects/${id}/priors/${prior.slug}/fork`, { slug: 'fork' })
  await put('models', {
    name: 'M',
    input_shape: [3],
    blocks: [
      { type: 'tabular_embedder', name: ODD[7], config: { d_in: 3 } },
      { type: 'transformer_encoder' },
      { type: 'scalar_head' },
    ],
    narrative: ODD[7],
  })
  await put('models', { name: 'M', slug: 'm', version: '0.2.0' })
  await put('evals', { name: 'E', task: 'cate', dataset: { name: 'd' }, metrics: ['m'], code: 'pass\n' })
  return id
}

describe('an export', () => {
  test('comes back the same, byte by byte, and with the same answers', async () => {
    const id = await makeFullProject(alice)
    const archive = await exported(alice, id)
    const imported = await importFrom(bob, archive)
    expect(imported.status, imported.text).toBe(201)
    expect(imported.json).toMatchObject({ name: 'Lines: "all"', role: 'owner', skipped: [] })
    expect(imported.json.counts).toEqual({ priors: 3, models: 1, evals: 1, datasets: 0 })
    expect((await exported(bob, imported.json.id)).equals(archive)).toBe(true)
    const { x, f } = { x: `/priors/${'x'.repeat(64)}?version=1.0.0`, f: '/priors/fork' }
    for (const path of [x, f, '/models/m', '/evals/e']) {
      const [one, other] = [
        await as(alice, 'GET', `/projects/${id}${path}`),
        await as(bob, 'GET', `/projects/${imported.json.id}${path}`),
      ]
      const own = { id: '', projectId: '', createdAt: '' }
      expect({ ...other.json, ...own }).toEqual({ ...one.json, ...own })
    }
  })

  test('has the canonical layout', async () => {
    const archive = await exported(bob, 'lines-all')
    const long = 'x'.repeat(64)
    expect([...textsIn(archive).keys()]).toEqual([
      'project.yaml',
      'ROADMAP.md',
      'priors/fork/prior.yaml',
      'priors/fork/prior.md',
      'priors/fork/requirements.txt',
      'priors/typescript/prior.yaml',
      'priors/typescript/prior.ts',
      `versions/priors/${long}/1.0.0/prior.yaml`,
      `versions/priors/${long}/1.0.0/prior.py`,
      `versions/priors/${long}/1.0.0/prior.md`,
      `versions/priors/${long}/1.0.0/requirements.txt`,
      `priors/${long}/prior.yaml`,
      `priors/${long}/prior.md`,
      `priors/${long}/requirements.txt`,
      'versions/models/m/0.1.0/m.yaml',
      'models/m.yaml',
      'evals/e.yaml',
      'evals/e.py',
    ])
    expect(textsIn(archive).get('models/m.yaml')).toBe('id: "m"\nname: "M"\nversion: "0.2.0"\nblocks: []\n')
  })

  test('tells nothing of this server, its accounts or ids', async () => {
    const { json } = await as(alice, 'GET', '/projects/lines-all')
    const [member] = (await as(alice, 'GET', `/projects/${json.id}/members`)).json.members
    const text = gunzipSync(await exported(alice, json.id)).toString('latin1')
    for (const secret of [
      json.id,
      member.accountId,
      'alice-secret',
      alice,
      server.dataDir,
      '127.0.0.1',
      '/home',
      '/tmp',
    ]) {
      expect(text).not.toContain(secret)
    }
  })

  test('is for members alone, viewers among them', async () => {
    const { id } = (await as(alice, 'POST', '/projects', { name: 'Seen' })).json
    const path = `/projects/${id}/export`
    expect((await as(bob, 'GET', path)).status).toBe(404)
    const own = (await as(bob, 'GET', '/projects/lines-all/members')).json.members[0].accountId
    await as(alice, 'POST', `/projects/${id}/members`, { account: own, role: 'viewer' })
    expect((await as(bob, 'GET', path)).status).toBe(200)
  })
})

describe('an import', () => {
  const PRIOR = 'id: gp\nname: GP\nversion: 1.0.0\nkind: tabular\nparameters: {}\noutputs: {variables: []}\n'

  test('reads the files of others leniently and says what it leaves', async () => {
    const answer = await importFrom(
      alice,
      archiveOf({
        'repo-abc123/README.md': '# hello',
        'repo-abc123/priors/gp-regression/prior.yaml': PRIOR.replace('id: gp', 'id: gp_regression'),
        'repo-abc123/priors/gp-regression/prior.py': 'pass\n',
        'repo-abc123/priors/gp-regression/wheels/x.whl': 'PK',
        'repo-abc123/models/small.yml': 'version: 2\nblocks:\n  - type: scalar_head\noutputHeads: []\n',
        'repo-abc123/evals/e.json': '{"slug": "E1".toLowerCase}'.replace('"E1".toLowerCase', '"e1"'),
        'repo-abc123/runs/v0_1.yaml': 'compute: {remote_ssh_endpoint: root@10.0.0.1}\n',
      }),
      '?name=Mine',
    )
    expect(answer.status, answer.text).toBe(201)
    expect(answer.json).toMatchObject({
      name: 'Mine',
      slug: 'mine',
      counts: { priors: 1, models: 1, evals: 1, datasets: 0 },
    })
    expect(answer.json.skipped.map(({ path }: { path: string }) => path)).toEqual([
      'README.md',
      'priors/gp-regression/wheels/x.whl',
      'runs/v0_1.yaml',
    ])
    expect((await as(alice, 'GET', '/projects/mine/priors/gp-regression')).json).toMatchObject({
      slug: 'gp_regression',
      code: 'pass\n',
    })
    expect((await as(alice, 'GET', '/projects/mine/models/small')).json.version).toBe('2.0.0')
  })

  test.each(['gnu', 'pax', 'ustar'])('reads what tar writes (%s), with long names', async (format) => {
    const folder = await temporaryFolder()
    const long = 'l'.repeat(90)
    for (const path of ['project.yaml', 'priors/gp/prior.yaml', `priors/gp/${long}/${long}.txt`]) {
      mkdirSync(dirname(join(folder.path, path)), { recursive: true })
      writeFileSync(join(folder.path, path), path.endsWith('prior.yaml') ? PRIOR : 'name: Packed\n')
    }
    const archive = execFileSync('tar', ['-cz', `--format=${format}`, '-C', folder.path, '.'])
    await folder.cleanUp()
    const answer = await importFrom(alice, archive, `?slug=packed-${format}`)
    expect([answer.status, answer.json.skipped?.[0].path]).toEqual([201, `priors/gp/${long}/${long}.txt`])
  })

  test('needs a slug of its own, which can be asked for', async () => {
    const archive = archiveOf({ 'project.yaml': 'name: Twice\n' })
    expect((await importFrom(alice, archive)).status).toBe(201)
    expect((await importFrom(alice, archive)).json.error_code).toBe('PROJECT_SLUG_TAKEN')
    expect((await importFrom(alice, archive, '?slug=thrice')).json.slug).toBe('thrice')
  })

  test('names the file and the field that are wrong, and keeps nothing', async () => {
    const files = {
      'project.yaml': 'name: Broken\n',
      'priors/gp/prior.yaml': PRIOR.replace('tabular', 'magic'),
    }
    const answer = await importFrom(alice, archiveOf(files))
    expect([answer.status, answer.json.errors[0].field]).toEqual([422, 'priors/gp/prior.yaml: kind'])
    expect((await as(alice, 'GET', '/projects/broken')).status).toBe(404)
  })

  const entry = (path: string, change: (header: Buffer) => void = () => {}) => {
    const tar = writeTar([{ path: 'x'.repeat(Math.min(path.length, 90)), bytes: Buffer.from('hello') }])
    tar.fill(0, 0, 100)
    tar.write(path, 0)
    change(tar)
    tar.fill(' ', 148, 156)
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return gzipSync(tar)
  }
  const yaml = (text: string) => archiveOf({ 'project.yaml': 'name: X\n', 'models/m.yaml': text })
  const hostile: [string, () => Buffer, RegExp][] = [
    ['no archive', () => Buffer.from('hello'), /not a whole/],
    ['nothing', () => Buffer.alloc(0), /not a whole/],
    ['no tar', () => gzipSync('x'.repeat(2_000)), /not a tar/],
    [
      'a tar that is cut off',
      () => gzipSync(writeTar([{ path: 'a', bytes: Buffer.alloc(2_000) }]).subarray(0, 1_024)),
      /cut off/,
    ],
    ['a gzip that is cut off', () => archiveOf({ 'a/b': 'x'.repeat(5_000) }).subarray(0, 40), /not a whole/],
    ['a path upwards', () => entry('priors/../../etc/passwd'), /not allowed/],
    ['an absolute path', () => entry('/etc/passwd'), /not allowed/],
    ['a path of Windows', () => entry('c:\\x'), /not allowed/],
    ['a symbolic link', () => entry('priors', (header) => header.write('2', 156)), /link or device/],
    ['a hard link', () => entry('priors', (header) => header.write('1', 156)), /link or device/],
    ['a device', () => entry('priors', (header) => header.write('3', 156)), /link or device/],
    ['a size beyond the end', () => entry('a', (header) => header.write('77777777777', 124)), /cut off/],
    ['a size in another form', () => entry('a', (header) => header.fill(0xff, 124, 136)), /too large/],
    [
      'a name twice',
      () => gzipSync(writeTar(['a', './a'].map((path) => ({ path, bytes: Buffer.alloc(1) })))),
      /twice/,
    ],
    ['a bomb', () => gzipSync(Buffer.alloc(40_000_000)), /bytes unpacked/],
    [
      'too many entries',
      () =>
        gzipSync(
          writeTar(Array.from({ length: 10_001 }, (_, i) => ({ path: `${i}`, bytes: Buffer.alloc(0) }))),
        ),
      /10000 entries/,
    ],
    ['an alias', () => yaml('a: &a [1]\nb: *a\n'), /alias/],
    [
      'billions of laughs',
      () =>
        yaml(
          `a: &a [x, x]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [*${'abcdefg'[i]}, *${'abcdefg'[i]}]\n`).join('')}`,
        ),
      /alias/,
    ],
    ['a tag', () => yaml('a: !!python/object:os.system {}\n'), /not valid YAML/],
    ['very many errors', () => yaml('&a '.repeat(20_000)), /not valid YAML: .*\(line 1\)/],
    ['a name twice in YAML', () => yaml('a: 1\nb: 2\na: 3\n'), /"a" twice/],
    ['a document without end', () => yaml('['.repeat(60_000)), /nested too deeply|not valid YAML/],
    ['deep nesting', () => yaml(`a: ${'['.repeat(100)}${']'.repeat(100)}\n`), /deeper than 20/],
    ['no number', () => yaml('a: .nan\n'), /finite/],
    ['a prototype', () => yaml('__proto__: {a: 1}\n'), /__proto__/],
    ['a large document', () => yaml(`a: "${'x'.repeat(65_536)}"\n`), /65536 bytes/],
    ['no UTF-8', () => gzipSync(writeTar([{ path: 'models/m.yaml', bytes: Buffer.from([0xff]) }])), /UTF-8/],
    ['a version twice', () => archiveOf({ 'models/a.yaml': 'id: m\n', 'models/b.yaml': 'id: m\n' }), /twice/],
  ]
  test.each(hostile)('refuses %s', async (_, make, reason) => {
    const answer = await importFrom(alice, make(), '?name=Hostile')
    expect([answer.status, answer.json.error_code, answer.json.error]).toEqual([
      422,
      'ARCHIVE_INVALID',
      expect.stringMatching(reason),
    ])
    expect((await as(alice, 'GET', '/projects/hostile')).status).toBe(404)
  })

  test('reads a document of very many names', async () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `a${i}: 1`).join('\n')
    const answer = await importFrom(alice, yaml(`id: many\n${names}\n`), '?slug=many-names')
    expect(answer.status).toBe(201)
    const { extra } = (await as(alice, 'GET', '/projects/many-names/models/many')).json
    expect(Object.keys(extra)).toHaveLength(5_000)
  })

  test('refuses a body that is too large before it is read', async () => {
    const answer = await importFrom(alice, Buffer.alloc(25_165_825))
    expect([answer.status, answer.json.error_code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  })

  test('refuses more than a project may hold', async () => {
    const code = 'x'.repeat(262_144)
    const files = Object.fromEntries(
      Array.from({ length: 65 }, (_, i) => [
        [`priors/p${i}/prior.yaml`, PRIOR.replace('id: gp', `id: p${i}`)],
        [`priors/p${i}/prior.py`, code],
      ]).flat(),
    )
    const answer = await importFrom(alice, archiveOf(files), '?name=Large')
    expect([answer.status, answer.json.error_code]).toEqual([409, 'STUDIO_LIMIT_REACHED'])
  })
})
