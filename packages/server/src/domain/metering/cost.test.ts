import { expect, test } from 'vitest'
import { type CostInputs, costOf, pricingOf } from './cost.ts'

const inputs = (change: Partial<CostInputs>): CostInputs => ({
  operation: 'predict',
  trainRows: 100,
  testRows: 20,
  columns: 5,
  pricing: 'quota_v3',
  ...change,
})

test('a v2 model costs rows x columns x members, eight members when none are named, at least 5,000', () => {
  const v2 = (change: Partial<CostInputs>) => costOf(inputs({ pricing: 'legacy_v2', ...change }))
  expect(v2({ trainRows: 1000, testRows: 500, columns: 20, estimators: 4 })).toBe(120_000)
  expect(v2({ trainRows: 1000, testRows: 500, columns: 20 })).toBe(240_000)
  expect(v2({ trainRows: 10, testRows: 1, columns: 4 })).toBe(5_000)
  expect(v2({ trainRows: 124, testRows: 1, columns: 5 })).toBe(5_000)
  expect(v2({ trainRows: 125, testRows: 1, columns: 5 })).toBe(5_040)
})

test('the quotes that are known of the hosted service are met by our own price', () => {
  const quoted = { trainRows: 22_183, testRows: 2_407, columns: 11, estimators: 8 }
  expect(costOf(inputs(quoted))).toBe(10_000)
  expect(costOf(inputs({ trainRows: 15, testRows: 5 }))).toBe(10_000)
  // 222,185 tokens were quoted for 80 rows at high effort.
  const thinking = costOf(inputs({ operation: 'thinking_fit', trainRows: 80, testRows: 0, effort: 'high' }))
  expect(thinking).toBe(200_000)
})

test('our own price grows with the table, by less than the table does', () => {
  const at = (trainRows: number) => costOf(inputs({ trainRows, testRows: 0, columns: 100, estimators: 8 }))
  expect(at(12_500)).toBe(10_000)
  expect(at(12_501)).toBeGreaterThan(10_000)
  expect(at(1_000_000)).toBe(267_497)
  expect(at(200_000) / at(100_000)).toBeCloseTo(2 ** 0.75, 3)
})

test('rows, columns and members count alike', () => {
  const base = { trainRows: 100_000, testRows: 0, columns: 100, estimators: 4 }
  const doubled = costOf(inputs({ ...base, trainRows: 200_000 }))
  expect(costOf(inputs({ ...base, columns: 200 }))).toBe(doubled)
  expect(costOf(inputs({ ...base, estimators: 8 }))).toBe(doubled)
  expect(costOf(inputs({ ...base, trainRows: 0, testRows: 200_000 }))).toBe(doubled)
})

test('a prediction from kept training rows pays for the rows to predict only', () => {
  const large = { trainRows: 1_000_000, testRows: 100_000, columns: 100 }
  const cached = costOf(inputs({ ...large, operation: 'cache_predict' }))
  expect(cached).toBe(costOf(inputs({ ...large, trainRows: 0 })))
  expect(cached).toBeLessThan(costOf(inputs(large)))
})

test('thinking costs a multiple, more of it at high effort', () => {
  const price = (operation: CostInputs['operation'], effort?: 'medium' | 'high') =>
    costOf(inputs({ operation, effort }))
  expect(price('thinking_fit')).toBe(price('thinking_fit', 'medium'))
  expect(price('thinking_fit', 'high')).toBe(2 * price('thinking_fit', 'medium'))
  expect(price('thinking_predict', 'medium')).toBeGreaterThan(price('predict'))
})

test('names of v2 models are on the published price list and every other name on ours', () => {
  const v2 = ['v2', 'v2.5', 'v2.6', 'v2_default', 'v2.5_default', 'tabpfn-v2.5-classifier-v2.5_default.ckpt']
  for (const name of v2) expect([name, pricingOf(name)]).toEqual([name, 'legacy_v2'])
  for (const name of [null, undefined, 'auto', 'v3', 'v3.5-fast', 'v20', 'nano', 'my-v2'])
    expect([name, pricingOf(name)]).toEqual([name, 'quota_v3'])
})
