import { describe, expect, test } from 'vitest'
import { Random } from '../random/random.ts'
import { compareCodePoints } from './compare-text.ts'
import { fromRecords, fromRows } from './from-records.ts'
import { instantText, instantTexts } from './instant-text.ts'
import {
  cellValue,
  countMissing,
  dropColumns,
  findColumn,
  makeTable,
  selectColumns,
  type Table,
  takeRows,
} from './table.ts'

function rowsOf(table: Table) {
  return Array.from({ length: table.rowCount }, (_, row) =>
    table.columns.map((column) => cellValue(column, row)),
  )
}

const table = fromRecords([
  { n: 1, b: true, s: 'x' },
  { n: null, b: null, s: null },
  { n: 2.5, b: false, s: 'y', late: 7 },
])

describe('fromRecords', () => {
  test('JSON types decide the kind, null and absent keys are missing', () => {
    expect(table.columns.map((column) => [column.name, column.kind])).toEqual([
      ['n', 'number'],
      ['b', 'boolean'],
      ['s', 'string'],
      ['late', 'number'],
    ])
    expect(rowsOf(table)).toEqual([
      [1, true, 'x', null],
      [null, null, null, null],
      [2.5, false, 'y', 7],
    ])
  })

  test('a column of numbers and text is text, of numbers and booleans is numbers', () => {
    const mixed = fromRecords([
      { a: 1, b: true },
      { a: 'x', b: 3 },
    ])
    expect(rowsOf(mixed)).toEqual([
      ['1', 1],
      ['x', 3],
    ])
  })

  test('integer is true for whole numbers alone', () => {
    expect(fromRecords([{ a: 1 }, { a: null }]).columns[0]).toMatchObject({ integer: true })
    expect(fromRecords([{ a: 1.5 }]).columns[0]).toMatchObject({ integer: false })
    expect(fromRecords([{ a: null }]).columns[0]).toMatchObject({ integer: false })
  })

  test.each([[[1]], [{}], [() => 1]])('a cell that is no cell (%j) is refused with its place', (cell) => {
    expect(() => fromRecords([{ a: 1 }, { a: cell }])).toThrowError(
      expect.objectContaining({ code: 'bad_value', details: { column: 'a', row: 1 } }),
    )
  })

  test('no rows make an empty table', () => {
    expect(fromRecords([])).toEqual({ rowCount: 0, columns: [] })
  })
})

describe('fromRows', () => {
  test('rows are read by position', () => {
    expect(
      rowsOf(
        fromRows(
          ['a', 'b'],
          [
            [1, 'x'],
            [2, null],
          ],
        ),
      ),
    ).toEqual([
      [1, 'x'],
      [2, null],
    ])
  })

  test('a ragged row and a repeated name are refused', () => {
    expect(() => fromRows(['a', 'b'], [[1]])).toThrowError(expect.objectContaining({ code: 'wrong_columns' }))
    expect(() => fromRows(['a', 'a'], [])).toThrowError(expect.objectContaining({ code: 'duplicate_column' }))
  })
})

describe('table operations', () => {
  test('columns are found, selected and dropped by name', () => {
    expect(findColumn(table, 's').kind).toBe('string')
    expect(selectColumns(table, ['s', 'n']).columns.map((column) => column.name)).toEqual(['s', 'n'])
    expect(dropColumns(table, ['b', 'late']).columns.map((column) => column.name)).toEqual(['n', 's'])
    for (const act of [findColumn, (t: Table, name: string) => dropColumns(t, [name])]) {
      expect(() => act(table, 'nope')).toThrowError(expect.objectContaining({ code: 'unknown_column' }))
    }
  })

  test('rows are taken in any order and as often as asked', () => {
    expect(rowsOf(takeRows(table, [2, 0, 2]))).toEqual([
      [2.5, false, 'y', 7],
      [1, true, 'x', null],
      [2.5, false, 'y', 7],
    ])
    expect(() => takeRows(table, [3])).toThrow(RangeError)
  })

  test('missing cells are counted in every kind', () => {
    expect(table.columns.map(countMissing)).toEqual([1, 1, 1, 2])
  })

  test('columns of different lengths or of one name make no table', () => {
    const [n] = table.columns
    const short = takeRows(table, [0]).columns[1]!
    expect(() => makeTable([n!, short])).toThrowError(expect.objectContaining({ code: 'row_count_mismatch' }))
    expect(() => makeTable([n!, n!])).toThrowError(expect.objectContaining({ code: 'duplicate_column' }))
  })
})

describe('compareCodePoints', () => {
  test('it sorts as Python sorts, where UTF-16 units would not', () => {
    const sorted = ['', 'A', 'a', 'aa', 'b', 'é', '\uFB01', '😀', '😁']
    const shuffled = Random.fromSeed(1).shuffle([...sorted])
    expect(shuffled.sort(compareCodePoints)).toEqual(sorted)
  })
})

describe('instant texts', () => {
  test('microseconds appear when there are any', () => {
    expect(instantText(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(instantText(1.5)).toBe('1970-01-01T00:00:00.001500Z')
    expect(instantText(-0.5)).toBe('1969-12-31T23:59:59.999500Z')
    expect(instantText(0.9999)).toBe('1970-01-01T00:00:00.001Z')
    expect(instantText(1e300)).toBe('1e+300')
  })

  test('a list of midnights is written as dates', () => {
    expect(instantTexts([0, 86_400_000])).toEqual(['1970-01-01', '1970-01-02'])
    expect(instantTexts([0, 1])[0]).toBe('1970-01-01T00:00:00.000Z')
  })
})
