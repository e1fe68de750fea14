import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDrift, renderPages, writePages } from './generate.ts'

const PAGES = [
  { path: 'docs/a.md', content: 'a\n' },
  { path: 'docs/b.md', content: 'b\n' },
]

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'posterior-generate-'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

test('missing and edited pages have drifted, written ones have not', () => {
  expect(findDrift(root, PAGES)).toEqual(['docs/a.md', 'docs/b.md'])
  expect(writePages(root, PAGES)).toEqual(['docs/a.md', 'docs/b.md'])
  expect(findDrift(root, PAGES)).toEqual([])
  writeFileSync(join(root, 'docs/b.md'), 'edited\n')
  expect(findDrift(root, PAGES)).toEqual(['docs/b.md'])
  expect(writePages(root, PAGES)).toEqual(['docs/b.md'])
  expect(readFileSync(join(root, 'docs/b.md'), 'utf8')).toBe('b\n')
})

test('every reference page says that it is generated and holds a table', async () => {
  for (const { path, content } of await renderPages()) {
    expect(content, path).toMatch(/^<!-- Generated from \S+ by "npm run generate"/)
    expect(content, path).toContain('| --- |')
  }
})
