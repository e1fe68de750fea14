import { expect, test } from 'vitest'
import { checkLevels, overrideOutput, resolveOptions } from './options.ts'

test('defaults are filled in, and the temperature depends on the task', () => {
  expect(resolveOptions('classification')).toEqual({
    estimators: 4,
    randomState: 0,
    categoricalColumns: null,
    ignoreTrainedRange: true,
    softmaxTemperature: 0.9,
    averageBeforeSoftmax: false,
    balanceProbabilities: false,
  })
  expect(resolveOptions('regression').softmaxTemperature).toBe(1)
})

test('a classification of few rows has twice the members, unless a number is named', () => {
  expect(resolveOptions('classification', {}, 1500).estimators).toBe(8)
  expect(resolveOptions('classification', {}, 1501).estimators).toBe(4)
  expect(resolveOptions('regression', {}, 100).estimators).toBe(4)
  expect(resolveOptions('classification', { estimators: 3 }, 100).estimators).toBe(3)
})

test('what is given at predict wins, what is not stays as it was at fit', () => {
  const base = resolveOptions('classification', {
    estimators: 2,
    softmaxTemperature: 2,
    balanceProbabilities: true,
  })
  expect(overrideOutput(base, { averageBeforeSoftmax: true })).toEqual({
    ...base,
    averageBeforeSoftmax: true,
  })
  expect(overrideOutput(base, { balanceProbabilities: false }).balanceProbabilities).toBe(false)
})

test('numbers out of range are refused with what was expected', () => {
  expect(() => resolveOptions('classification', { estimators: 1.5 })).toThrow(
    /estimators must be .* 1 to 32; got 1.5/,
  )
  expect(() => resolveOptions('classification', { softmaxTemperature: Number.NaN })).toThrow(
    /0\.01 to 100; got NaN/,
  )
  expect(() => resolveOptions('classification', { randomState: 2 ** 60 })).toThrow(/randomState/)
  expect(() => checkLevels([Number.NaN])).toThrow(/levels from 0 to 1/)
  expect(() => checkLevels(new Array(1001).fill(0.5))).toThrow(/1 to 1000 levels/)
})

test('levels default to the deciles and may be the ends', () => {
  expect(checkLevels()).toHaveLength(9)
  expect(checkLevels([0, 1])).toEqual([0, 1])
})
