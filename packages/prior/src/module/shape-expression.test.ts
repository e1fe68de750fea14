import { expect, test } from 'vitest'
import { parseShape, parseSize } from './shape-expression.ts'

const VALUES = { num_points: 50, k: 3, name: 'x' }
const sizes = (text: string) => parseShape(text)?.map((size) => size.valueOf(VALUES))

test('a shape is a list of numbers, parameters and sums and products of them', () => {
  expect(sizes('(num_points, 1)')).toEqual([50, 1])
  expect(sizes('[num_points * k, 2 + k - 1]')).toEqual([150, 4])
  expect(sizes('(num_points,)')).toEqual([50])
  expect(sizes('num_points')).toEqual([50])
  expect(sizes('(2 * (k + 1), k)')).toEqual([8, 3])
  expect(sizes('()')).toEqual([])
  expect(sizes('')).toEqual([])
  expect(sizes(' ( num_points ) ')).toEqual([50])
})

test('a shape in other words is none, and a name without a number gives NaN', () => {
  for (const text of ['(T, V)!', '(n / 2)', '(n, )x', '(a b)', '((((', '(1, , 2)', '*'])
    expect([text, sizes(text)]).toEqual([text, undefined])
  expect(sizes('(unknown, name)')).toEqual([Number.NaN, Number.NaN])
  expect(sizes('(constructor)')).toEqual([Number.NaN])
  expect(parseSize(`${'('.repeat(1000)}1${')'.repeat(1000)}`)).toBeUndefined()
})

test('a size knows the parameters in it', () => {
  expect(parseSize('2 * k + num_points * k')?.names).toEqual(['k', 'num_points'])
  expect(parseSize('12')?.names).toEqual([])
})
