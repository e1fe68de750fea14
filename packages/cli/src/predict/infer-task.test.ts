import type { Column } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { inferTask } from './infer-task.ts'

const numbers = (values: number[], integer: boolean): Column => ({
  kind: 'number',
  name: 'y',
  values: Float64Array.from(values),
  integer,
})

test('text and booleans are classes', () => {
  expect(inferTask({ kind: 'string', name: 'y', codes: new Int32Array(2), levels: ['a'] }).task).toBe(
    'classification',
  )
  expect(inferTask({ kind: 'boolean', name: 'y', values: new Uint8Array(2) }).task).toBe('classification')
})

test('few whole numbers are classes, and the reason says so', () => {
  expect(inferTask(numbers([0, 1, 1, 0, Number.NaN], true))).toEqual({
    task: 'classification',
    reason: "'y' holds 2 distinct whole numbers",
  })
})

test('fractions are a quantity even when few of them differ', () => {
  expect(inferTask(numbers([0.5, 1.5, 0.5, 1.5], false)).task).toBe('regression')
})

test('many whole numbers, or numbers that hardly repeat, are a quantity', () => {
  const spread = Array.from({ length: 100 }, (_, i) => i % 21)
  expect(inferTask(numbers(spread, true)).task).toBe('regression')
  expect(inferTask(numbers([1, 2, 3, 4, 5], true)).task).toBe('regression')
})

test('dates cannot be predicted', () => {
  expect(() => inferTask({ kind: 'datetime', name: 'y', values: new Float64Array(2) })).toThrow(/holds dates/)
})
