import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SplitResult } from './evaluate-split.ts'
import { ResultsFile } from './results-file.ts'

const RUN = { model: 'm', version: '1', checksum: 'c', estimators: 4, trainRows: null }
const RESULT: SplitResult = {
  dataset: 'a',
  task: 'classification',
  seed: 0,
  trainRows: 10,
  testRows: 5,
  verified: null,
  metrics: { auc: Number.NaN, accuracy: 0.5 },
}

let dir: string
let path: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'posterior-results-'))
  path = join(dir, 'deep', 'results.jsonl')
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('what was written is there when the file is opened again, with NaN for what is not defined', () => {
  ResultsFile.open(path, RUN).append(RESULT)
  const again = ResultsFile.open(path, RUN)
  expect(again.results).toEqual([RESULT])
  expect(again.has('a', 0)).toBe(true)
  expect(again.has('a', 1)).toBe(false)
})

test('a last line that was cut off is dropped from the file', () => {
  ResultsFile.open(path, RUN).append(RESULT)
  const whole = readFileSync(path, 'utf8')
  appendFileSync(path, '{"dataset":"b","ta')
  const again = ResultsFile.open(path, RUN)
  expect(again.results).toHaveLength(1)
  expect(readFileSync(path, 'utf8')).toBe(whole)
})

test('a broken line in the middle is an error that names it', () => {
  ResultsFile.open(path, RUN).append(RESULT)
  appendFileSync(path, 'oops\n')
  expect(() => ResultsFile.open(path, RUN)).toThrow(`line 3 of ${path}`)
})

test('results of other weights or settings are refused', () => {
  ResultsFile.open(path, RUN)
  expect(() => ResultsFile.open(path, { ...RUN, checksum: 'other' })).toThrow('holds results of another run')
  writeFileSync(path, '')
  expect(() => ResultsFile.open(path, RUN)).toThrow('(nothing)')
})
