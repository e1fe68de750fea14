import { expect, test } from 'vitest'
import type { Tensor } from '../catalogue/studio-prior.ts'
import { findFault } from './check-sample.ts'
import { readDeclaration } from './declaration.ts'

const tensor = (shape: number[], ...data: number[]): Tensor => ({ shape, data: Float64Array.from(data) })
const LINE = {
  parameters: { n: { type: 'int', range: [2, 9] } },
  outputs: [
    { name: 'X', shape: '(n, 1)' },
    { name: 'y', shape: '(n)' },
  ],
}
const fault = (given: object, sample: Record<string, Tensor>, parameters = { n: 2 }) =>
  findFault(sample, parameters, readDeclaration(JSON.stringify(given), 'prior.ts', { name: 'x' }))
const X = tensor([2, 1], 1, 2)
const y = tensor([2], 1, 2)

test('a sample that keeps to its declaration has no fault, whatever else it returns', () => {
  expect(fault(LINE, { X, y, slope: tensor([], 3) })).toBeUndefined()
})

test('numbers that are none are named by their place', () => {
  expect(fault(LINE, { X: tensor([2, 1], 1, Number.NaN), y })).toBe(
    'X[1][0] is NaN; every number must be finite',
  )
  expect(fault(LINE, { X, y, extra: tensor([], Number.POSITIVE_INFINITY) })).toBe(
    'extra is Infinity; every number must be finite',
  )
})

test('shapes must be the declared ones', () => {
  expect(fault(LINE, { X, y: tensor([1], 1) })).toBe(
    'y has the shape (1), but its declaration (n) makes it (2)',
  )
  expect(fault(LINE, { X: tensor([2, 2], 1, 2, 3, 4), y })).toBe(
    'X has the shape (2, 2), but its declaration (n, 1) makes it (2, 1)',
  )
  expect(fault(LINE, { X })).toBe('sample() returned no y, which the outputs declare; it returned X')
  const loose = { outputs: [{ name: 'X', shape: 'rows and columns!' }, { name: 'y' }] }
  expect(fault(loose, { X, y: tensor([3], 1, 2, 3) })).toBe(
    'X has 2 rows and y has 3 values; they must be as many',
  )
})

test('labels are whole numbers below the number of classes', () => {
  const classes = { outputs: [{ name: 'X' }, { name: 'labels' }], classes: 2 }
  expect(fault(classes, { X, labels: tensor([2], 0, 1) })).toBeUndefined()
  expect(fault(classes, { X, labels: tensor([2], 0, 2) })).toMatch(/^labels\[1\] is 2; .* "classes: 3"/)
  expect(fault(classes, { X, labels: tensor([2], 0.5, 1) })).toMatch(/^labels\[0\] is 0.5/)
})

test('a fixed context must leave rows to predict', () => {
  expect(fault({ ...LINE, n_ctx: 2 }, { X, y })).toBe('n_ctx is 2, which leaves none of 2 rows to predict')
})
