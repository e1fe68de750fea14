import { expect, test } from 'vitest'
import type { Tensor } from '../catalogue/studio-prior.ts'
import { findFault } from './check-sample.ts'
import { readDeclaration } from './declaration.ts'

const GRAPH = readDeclaration('{}', 'prior.ts', {
  name: 'x',
  outputs: [{ name: 'X' }, { name: 'A' }],
})
const fault = (sample: Record<string, Tensor>) => findFault(sample, {}, GRAPH)
const matrix = (...rows: number[][]): Tensor => ({
  shape: [rows.length, rows[0]!.length],
  data: Float64Array.from(rows.flat()),
})
const table = (columns: number) => matrix(Array.from({ length: columns }, (_, i) => i))

test('an acyclic graph of 0 and 1, as wide as its table, has no fault', () => {
  expect(fault({ X: table(2), A: matrix([0, 1], [0, 0]) })).toBeUndefined()
  const diamond = matrix([0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0])
  expect(fault({ X: table(4), A: diamond })).toBeUndefined()
})

test('a table and a graph must come, square and of the same width', () => {
  expect(fault({ X: table(2) })).toBe('sample() returned no A, which the outputs declare; it returned X')
  expect(fault({ X: table(2), A: matrix([0]) })).toBe(
    'A must be 2 by 2, as many as X has columns; its shape is (1, 1)',
  )
  expect(fault({ X: table(2), A: matrix([0, 1]) })).toBe(
    'A must be 2 by 2, as many as X has columns; its shape is (1, 2)',
  )
  const flat = { shape: [4], data: new Float64Array(4) }
  expect(fault({ X: table(2), A: flat })).toBe('A must be 2 by 2, as many as X has columns; its shape is (4)')
  expect(fault({ X: flat, A: matrix([0]) })).toBe('X must be a table, its shape is (4)')
  const undeclared = readDeclaration('{"task":"discovery"}', 'prior.ts', { name: 'x' })
  expect(findFault({ X: table(2) }, {}, undeclared)).toBe('sample() returned no A; it returned X')
})

test('an edge is 1 and no edge is 0, and everything else is named by its place', () => {
  expect(fault({ X: table(2), A: matrix([0, 0.5], [0, 0]) })).toMatch(
    /^A\[0\]\[1\] is 0.5; a graph has 0 and 1 \(1: the row causes the column\)/,
  )
  expect(fault({ X: table(2), A: matrix([0, -1], [0, 0]) })).toMatch(/^A\[0\]\[1\] is -1/)
  expect(fault({ X: table(2), A: matrix([0, Number.NaN], [0, 0]) })).toBe(
    'A[0][1] is NaN; every number must be finite',
  )
})

test('nothing causes itself, nor by way of others', () => {
  expect(fault({ X: table(2), A: matrix([1, 0], [0, 0]) })).toBe('A[0][0] is 1; nothing causes itself')
  expect(fault({ X: table(2), A: matrix([0, 1], [1, 0]) })).toBe(
    'A has a cycle, columns 0 -> 1 -> 0 (counted from 0); nothing may cause itself by way of others',
  )
  const behind = matrix([0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0])
  expect(fault({ X: table(4), A: behind })).toContain('columns 1 -> 2 -> 3 -> 1 (')
  const ring = Array.from({ length: 12 }, (_, i) =>
    Array.from({ length: 12 }, (_, j) => (j === (i + 1) % 12 ? 1 : 0)),
  )
  expect(fault({ X: table(12), A: matrix(...ring) })).toContain('-> 7 -> ... -> 0 (')
})
