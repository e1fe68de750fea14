import { expect, test } from 'vitest'
import { resolveOptions } from '../options.ts'
import { listCandidates, type TableTraits } from './candidates.ts'

const traits: TableTraits = {
  task: 'regression',
  rows: 500,
  columns: 8,
  categoricalColumns: 2,
  hasRidge: false,
}

test('the first candidate is what was asked for, and no two are alike', () => {
  const asked = { estimators: 3, randomState: 7, averageBeforeSoftmax: true }
  const candidates = listCandidates(traits, asked, 'high')
  expect(candidates[0]).toEqual(asked)
  expect(new Set(candidates.map((candidate) => JSON.stringify(candidate))).size).toBe(candidates.length)
  expect(listCandidates(traits, {}, 'medium')[0]).toEqual({ randomState: 0 })
})

test('the first candidate of a small classification has the members of a fit without thinking', () => {
  const small = listCandidates({ ...traits, task: 'classification', rows: 1500 }, {}, 'medium')
  expect(small[0]).toEqual({ randomState: 0, estimators: 8 })
  const large = listCandidates({ ...traits, task: 'classification', rows: 1501 }, {}, 'medium')
  expect(large.slice(0, 2)).toEqual([{ randomState: 0 }, { randomState: 0, estimators: 8 }])
})

test('what the caller set is in every candidate, settings of the ensemble one by one', () => {
  const asked = {
    estimators: 3,
    categoricalColumns: [1],
    ensemble: { targetScalings: [null], fingerprint: true },
  }
  for (const candidate of listCandidates(traits, asked, 'high')) {
    expect(candidate).toMatchObject(asked)
    expect(() => resolveOptions('regression', candidate)).not.toThrow()
  }
})

test('medium effort tries the first of those that high effort tries', () => {
  const high = listCandidates(traits, {}, 'high')
  const medium = listCandidates(traits, {}, 'medium')
  expect(medium).toHaveLength(12)
  expect(high.length).toBeGreaterThan(20)
  expect(high.slice(0, 12)).toEqual(medium)
})

test('variations that a table has no use for are not tried', () => {
  const text = JSON.stringify(listCandidates({ ...traits, task: 'classification' }, {}, 'high'))
  expect(text).not.toContain('targetScalings')
  expect(text).not.toContain('ridgeColumns')
  const ridge = JSON.stringify(listCandidates({ ...traits, hasRidge: true }, {}, 'medium'))
  expect(ridge).toContain('{"ridgeColumns":false}')
  const numbers = JSON.stringify(listCandidates({ ...traits, categoricalColumns: 0 }, {}, 'high'))
  expect(numbers).not.toContain('one-hot')
  const categories = JSON.stringify(listCandidates({ ...traits, categoricalColumns: 8 }, {}, 'high'))
  expect(categories).not.toMatch(/squashing|products/)
})
