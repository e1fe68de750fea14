import { THINKING_EFFORTS, THINKING_METRICS } from '@posterior/contracts'
import { DEFAULT_THINKING_ROWS, THINKING_EFFORTS as ENGINE_EFFORTS } from '@posterior/engine'
import { metricNames } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { loadConfig } from '../../config.ts'

test('the API names the metrics that the engine has, and no others', () => {
  const classification = new Set([...metricNames('binary'), ...metricNames('multiclass')])
  expect([...THINKING_METRICS.classification].sort()).toEqual([...classification].sort())
  expect([...THINKING_METRICS.regression].sort()).toEqual(metricNames('regression').sort())
})

test('efforts and the fewest rows are the same on both sides', () => {
  expect(THINKING_EFFORTS).toEqual(ENGINE_EFFORTS)
  expect(loadConfig({}).thinkingMinRows).toBe(DEFAULT_THINKING_ROWS)
})
