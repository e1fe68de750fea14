import { encode, fitEncoder, type NumericColumn, Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { typeColumn } from './column-typing.ts'

const missing = Number.NaN

function column(values: number[], categorical: boolean): NumericColumn {
  return { name: 'x', values: Float64Array.from(values), categorical }
}

test('codes that the training rows lack become missing and the others close ranks', () => {
  const typed = typeColumn(column([5, 2, missing, 2, 9, 3, 5], true), 5)
  expect(Array.from(typed.values)).toEqual([1, 0, missing, 0, 2, missing, 1])
  expect(typed.categorical).toBe(true)
})

test('a category of more than 30 levels is handed on as a number', () => {
  const codes = Array.from({ length: 40 }, (_, i) => i)
  expect(typeColumn(column(codes, true), 40).categorical).toBe(false)
  expect(typeColumn(column(codes, true), 30).categorical).toBe(true)
  expect(typeColumn(column([...codes.slice(0, 30), missing], true), 31).categorical).toBe(false)
})

test('numbers are typed as the encoder types them at fit', () => {
  const random = Random.fromSeed('typing')
  for (const rowCount of [90, 140]) {
    for (const levels of [2, 3, 4, 7]) {
      const values = Float64Array.from({ length: rowCount }, () => 1.5 * random.int(0, levels) + 4)
      values[3] = missing
      const table = { rowCount, columns: [{ kind: 'number' as const, name: 'x', values, integer: false }] }
      const expected = encode(fitEncoder(table), table).columns
      expect([typeColumn({ name: 'x', values, categorical: false }, rowCount)]).toEqual(expected)
    }
  }
})
