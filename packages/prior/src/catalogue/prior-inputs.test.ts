import { expect, test } from 'vitest'
import { priorSizes } from './prior-inputs.ts'

test('sizes reach from the least to the most that the ranges and overrides allow', () => {
  expect(priorSizes('linear-regression', { num_points: 40 })).toEqual({
    task: 'regression',
    rows: [5, 36],
    columns: [1, 1],
    classes: [0, 0],
    inputs: { kind: 'rows' },
  })
  expect(priorSizes('gaussian-mixture-classification', { dim: [3, 4] })).toMatchObject({
    task: 'classification',
    columns: [3, 4],
    classes: [2, 5],
  })
})

test('a series, groups and flips say how they become rows', () => {
  expect(priorSizes('ar2-process', {})).toMatchObject({
    columns: [7, 7],
    inputs: { kind: 'series', lags: [4, 4], season: [12, 12] },
  })
  expect(priorSizes('sine-wave', { num_lags: [4, 6], season: 7 })).toMatchObject({
    columns: [7, 9],
    inputs: { kind: 'series', lags: [4, 6], season: [7, 7] },
  })
  expect(priorSizes('hierarchical-normal', {}).inputs).toEqual({ kind: 'groups', groups: [4, 20] })
  expect(priorSizes('calendar-forecast', { season: 7 })).toMatchObject({
    columns: [6, 6],
    inputs: { kind: 'calendar', season: [7, 7] },
  })
  expect(priorSizes('coin-flip', {}).inputs).toEqual({ kind: 'flips' })
})
