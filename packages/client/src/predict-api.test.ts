import type { StudioPredictBody } from '@posterior/contracts'
import { expect, expectTypeOf, test } from 'vitest'
import { predictPath, type Question } from './predict-api.ts'

/** What may be written to, as the schema has it. */
type Mutable<T> = T extends readonly (infer U)[]
  ? Mutable<U>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T

test('a question is a body of the API', () => {
  type Known = Pick<
    Question,
    'context' | 'query' | 'task' | 'horizon' | 'season' | 'interval' | 'point' | 'distribution'
  >
  expectTypeOf<Mutable<Known>>().toExtend<StudioPredictBody>()
})

test('ids and tokens cannot leave their place in a path', () => {
  expect(predictPath({ model: '../admin' })).toBe('/models/..%2Fadmin/predict')
  expect(predictPath({ project: 'a b', run: 'v0_1' })).toBe('/projects/a%20b/runs/v0_1/predict')
  expect(predictPath({ share: 'x?y' })).toBe('/shares/x%3Fy/predict')
})
