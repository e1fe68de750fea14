import { expect, test } from 'vitest'
import { formatReport, type ModelResult, meanOverDatasets } from './report.ts'

const RESULT = { task: 'classification', trainRows: 100, features: 4 } as const
const RESULTS: ModelResult[] = [
  { ...RESULT, dataset: 'a', seed: 0, metrics: { auc: 0.8, logloss: 0.5, accuracy: 0.7 } },
  { ...RESULT, dataset: 'a', seed: 1, metrics: { auc: 0.9, logloss: 0.4, accuracy: 0.8 } },
  { ...RESULT, dataset: 'b', seed: 0, metrics: { auc: 0.6, logloss: 0.6, accuracy: 0.6 } },
]
const BASELINES = [
  { dataset: 'a', model: 'rf', seed: 0, auc: 0.7 },
  { dataset: 'a', model: 'rf', seed: 1, auc: 0.9 },
  { dataset: 'a', model: 'rf', seed: 2, auc: 0.1 },
  { dataset: 'b', model: 'rf', seed: 0, auc: 0.7 },
]

test('the mean counts every dataset once, however many seeds it has', () => {
  expect(meanOverDatasets(RESULTS, 'auc')).toBeCloseTo((0.85 + 0.6) / 2)
})

test('the stored results of the same seeds stand beside the model', () => {
  const lines = formatReport('nano', 'classification', RESULTS, BASELINES).split('\n')
  const cells = (label: string) =>
    lines
      .find((line) => line.startsWith(label))!
      .slice(38)
      .trim()
      .split(/\s+/)
  expect(lines[0]).toMatch(/ROC AUC, higher is better +nano +prior +linear +rf +hgb +xgb/)
  expect(cells('a (100 x 4)')).toEqual(['0.8500', '-', '-', '0.8000', '-', '-'])
  expect(cells('mean')).toEqual(['0.7250', '-', '-', '0.7500', '-', '-'])
})

test('a baseline that lacks one of the seeds is not shown', () => {
  const text = formatReport('nano', 'classification', RESULTS, BASELINES.slice(1))
  expect(text).toMatch(/a \(100 x 4\) +0\.8500 +- +- +- +- +-/)
})

test('a task without results has no report', () => {
  expect(formatReport('nano', 'regression', RESULTS, BASELINES)).toBe('')
})
