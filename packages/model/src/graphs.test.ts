import { describe, expect, test } from 'vitest'
import { PRESETS } from './config.ts'
import { buildEncodeGraph, buildPredictGraph, parameterCount, parameterSpecs } from './graphs.ts'
import { initialWeights } from './initialise.ts'
import { validateConfig } from './model-config.ts'

let seed = 0
const weights = initialWeights(PRESETS.nano, { normal: () => Math.sin(seed++) })

describe('the graphs of a model', () => {
  test('the outputs of encode are the context that predict takes', () => {
    for (const task of ['classification', 'regression'] as const) {
      const encode = buildEncodeGraph(PRESETS.nano, task, weights)
      const predict = buildPredictGraph(PRESETS.nano, task, weights)
      const context = predict.inputs.filter(({ name }) => name.startsWith('ctx.'))
      expect(context).toEqual(encode.outputs.map(({ name, type, dims }) => ({ name, type, dims })))
      expect(context.some(({ name }) => name.startsWith('ctx.vote'))).toBe(task === 'classification')
    }
  })

  test('presets have the sizes that they were designed for', () => {
    expect(parameterCount(PRESETS.nano)).toBeLessThan(300_000)
    expect(parameterCount(PRESETS.small) / 4.7e6).toBeCloseTo(1, 0)
    expect(parameterCount(PRESETS.medium) / 11.5e6).toBeCloseTo(1, 0)
  })

  test('every weight has one name and one shape', () => {
    const names = parameterSpecs(PRESETS.nano).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('a missing weight is named', () => {
    const incomplete = new Map(weights)
    incomplete.delete('cells.bias')
    expect(() => buildEncodeGraph(PRESETS.nano, 'regression', incomplete)).toThrow('no weight "cells.bias"')
  })
})

describe('configurations from outside', () => {
  test.each([
    [{ cellWidth: 30, cellHeads: 4 }, '30 is not divisible'],
    [{ rowLayers: 0 }, 'rowLayers must be a whole number'],
    [{ stages: [] as ('column' | 'row')[] }, 'at least one "column"'],
    [{ cellWidth: 1e9 }, 'cellWidth must be a whole number from 1 to 4096'],
  ])('%o is refused', (change, message) => {
    expect(() => validateConfig({ ...PRESETS.nano, ...change })).toThrow(message)
  })
})
