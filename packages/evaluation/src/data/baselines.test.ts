import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readBaselineFiles } from './baselines.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'posterior-baselines-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

function write(name: string, ...rows: object[]): void {
  writeFileSync(join(dir, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
}

test('results count for the splits that they were made on', () => {
  const row = { dataset: 'a', seed: 0, auc: 0.5 }
  write('one.jsonl', { protocol: 'one' }, { ...row, model: 'one' })
  write('two.jsonl', { protocol: 'two', train_rows: 10_000 }, { ...row, model: 'two' })
  writeFileSync(join(dir, 'README.md'), 'not results')
  expect(readBaselineFiles(dir, undefined).results).toEqual([{ ...row, model: 'one' }])
  expect(readBaselineFiles(dir, 10_000)).toMatchObject({
    protocols: [{ protocol: 'two' }],
    results: [{ model: 'two' }],
  })
})

test('a file without a protocol, a broken line and a missing folder are named', () => {
  write('one.jsonl', { dataset: 'a' })
  expect(() => readBaselineFiles(dir, undefined)).toThrow('protocol in the first line')
  writeFileSync(join(dir, 'one.jsonl'), '{"protocol": "one"}\n{"datas')
  expect(() => readBaselineFiles(dir, undefined)).toThrow('Line 2')
  expect(() => readBaselineFiles(join(dir, 'none'), undefined)).toThrow('there is none')
})
