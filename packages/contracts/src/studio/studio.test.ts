import { expect, test } from 'vitest'
import { ARTEFACT_INPUTS, artefactDocument } from './artefact.ts'
import { ARTEFACT_KINDS } from './artefact-fields.ts'
import { findUnstorable } from './document-bounds.ts'
import { compareVersions, nextPatch, parseVersion, slugOf, slugSchema } from './ids.ts'
import { isStudioUrl } from './routes.ts'

test.each([
  ['My prior (v2)', 'my-prior-v2'],
  ['  Ångström & Söhne ', 'angstrom-sohne'],
  ['coin_flip', 'coin_flip'],
  ['日本', undefined],
  ['x'.repeat(100), 'x'.repeat(64)],
])('the slug of %j is %j', (name, slug) => {
  expect(slugOf(name)).toBe(slug)
  if (slug !== undefined) expect(slugSchema.parse(slug)).toBe(slug)
})

test('versions are read as people write them, and compared by number', () => {
  expect(['1.2.3', 'v1', '1.2', ' 2.0.0 '].map((text) => parseVersion(text)?.join('.'))).toEqual([
    '1.2.3',
    '1.0.0',
    '1.2.0',
    '2.0.0',
  ])
  for (const text of ['', 'one', '1.2.3.4', '-1', '1.2.3-beta', '12345678901']) {
    expect(parseVersion(text), text).toBeUndefined()
  }
  expect(compareVersions('1.10.0', '1.9.9')).toBeGreaterThan(0)
  expect(compareVersions('1.0.0', '1.0.0')).toBe(0)
  expect(nextPatch('1.2.9')).toBe('1.2.10')
})

test.each(ARTEFACT_KINDS)('a %s that was written is read as the same', (kind) => {
  const read = (input: unknown) => ARTEFACT_INPUTS[kind].parse(input)
  const needed = kind === 'dataset' ? { target: 'y' } : {}
  const spec = read({ ...needed, name: 'Some name', version: 3, citations: ['a'], note: { deep: [1, null] } })
  expect(spec).toMatchObject({ slug: 'some-name', version: '3.0.0', extra: { note: { deep: [1, null] } } })
  expect(read(artefactDocument(kind, spec as never))).toEqual(spec)
})

test('both spellings of the published schema mean the same', () => {
  const camel = ARTEFACT_INPUTS.model.parse({ id: 'm', inputShape: [2], outputHeads: [{ name: 'y' }] })
  expect(ARTEFACT_INPUTS.model.parse({ slug: 'm', input_shape: [2], output_heads: [{ name: 'y' }] })).toEqual(
    camel,
  )
})

test('where a machine kept something is not kept, wherever it stands', () => {
  const input = { name: 'x', checkpoint_dir: '/srv', extra: { remote_ssh_endpoint: 'root@host', note: 1 } }
  expect(ARTEFACT_INPUTS.eval.parse(input).extra).toEqual({ note: 1 })
})

test('what no file can hold is found with its place, however deep it is', () => {
  expect(findUnstorable({ a: [1, { b: Number.NaN }] })).toMatchObject({ path: ['a', '1', 'b'] })
  expect(findUnstorable({ a: '\ud800' })).toMatchObject({ path: ['a'] })
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  expect(findUnstorable(deep)?.message).toContain('deeper than 20')
  expect(findUnstorable({ a: ['text', 1.5, null, true] })).toBeUndefined()
})

test('URLs of the studio are known with and without /api', () => {
  for (const url of [
    '/projects',
    '/api/projects/x/priors?version=1',
    '/api-tokens',
    '/project-imports?slug=a',
  ]) {
    expect(isStudioUrl(url), url).toBe(true)
  }
  for (const url of ['/', '/predict', '/api', '/auth/tokens', '/api/tabpfn/fit']) {
    expect(isStudioUrl(url), url).toBe(false)
  }
})
