import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultTrainingConfig } from '@posterior/training'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readTrainingConfig } from './read-config.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posterior-config-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function fileWith(content: unknown): string {
  const path = join(folder, 'config.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

test('without options it is the nano preset', () => {
  expect(readTrainingConfig({})).toEqual(defaultTrainingConfig('nano'))
})

test('a file overrides parts of the preset, and options win over the file', () => {
  const config = fileWith({ seed: 5, optimizer: { clipNorm: 2 }, budget: { steps: 7 } })
  const read = readTrainingConfig({ config, seed: 9 })
  expect(read.seed).toBe(9)
  expect(read.optimizer).toEqual({ ...defaultTrainingConfig('nano').optimizer, clipNorm: 2 })
  expect(read.budget).toEqual({ steps: 7 })
  expect(readTrainingConfig({ config, minutes: 3 }).budget).toEqual({ minutes: 3 })
})

test('two budgets at once are refused', () => {
  expect(() => readTrainingConfig({ steps: 1, minutes: 1 })).toThrow('--steps or --minutes')
})

test('a setting that does not exist is named', () => {
  expect(() => readTrainingConfig({ config: fileWith({ optimizer: { clip: 1 } }) })).toThrow(
    "'optimizer.clip'",
  )
})

test('a setting that cannot be used is refused with its reason', () => {
  expect(() => readTrainingConfig({ name: 'Not Good' })).toThrow(/cannot be used: name must be/)
})

test('a file that is not JSON is refused', () => {
  expect(() => readTrainingConfig({ config: fileWith('{') })).toThrow(/Could not read the configuration/)
  expect(() => readTrainingConfig({ config: join(folder, 'none.json') })).toThrow(/ENOENT/)
})

test('a prior of the catalogue brings the recipe for brains', () => {
  const read = readTrainingConfig({
    config: fileWith({ prior: { kind: 'catalogue', id: 'coin-flip' } }),
    steps: 3,
  })
  expect(read.prior).toMatchObject({ kind: 'catalogue', id: 'coin-flip' })
  expect(read).toMatchObject({ name: 'coin-flip', budget: { steps: 3 }, plan: { classificationShare: 1 } })
})

test('a prior that does not exist or cannot be trained on is refused with its reason', () => {
  const refusal = (prior: unknown) => () => readTrainingConfig({ config: fileWith({ prior }) })
  expect(refusal({ kind: 'catalogue', id: 'nothing' })).toThrow(
    /no prior "nothing" in the catalogue; it has linear/,
  )
  expect(refusal({ kind: 'other' })).toThrow(/prior\.kind must be general, catalogue or module/)
  expect(refusal({ kind: 'catalogue', id: 'coin-flip', overrides: { alpha: 'x' } })).toThrow(
    /alpha must be a number/,
  )
})
