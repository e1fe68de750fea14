import { describe, expect, test } from 'vitest'
import { Random } from '../random/random.ts'
import { fromRecords } from '../table/from-records.ts'
import { inferColumn } from '../table/infer-column.ts'
import { makeTable, type Table, takeRows } from '../table/table.ts'
import { encode } from './encode.ts'
import { droppedColumns, type EncoderState, encodedWidth } from './encoder-state.ts'
import { fitEncoder } from './fit-encoder.ts'

/** A table from columns of text, typed as a CSV file would be. */
function csvTable(columns: Record<string, string[]>): Table {
  return makeTable(Object.entries(columns).map(([name, texts]) => inferColumn(name, texts)))
}

/** Encoded columns by name, NaN as null, '*' after the name of a categorical one. */
function encoded(state: EncoderState, table: Table) {
  return Object.fromEntries(
    encode(state, table).columns.map((column) => [
      column.name + (column.categorical ? '*' : ''),
      Array.from(column.values, (value) => (Number.isNaN(value) ? null : value)),
    ]),
  )
}

/** n texts t000, t001, ... */
const texts = (n: number) => Array.from({ length: n }, (_, i) => `t${String(i).padStart(5, '0')}`)

describe('column typing', () => {
  test('numbers pass through, text becomes sorted codes, booleans two categories', () => {
    const table = csvTable({ n: ['1', '', '2.5'], s: ['b', 'a', ''], t: ['True', '', 'False'] })
    expect(encoded(fitEncoder(table), table)).toEqual({
      n: [1, null, 2.5],
      's*': [1, 0, null],
      't*': [1, null, 0],
    })
  })

  test('text that states numbers or dates throughout is read as such', () => {
    const table = fromRecords([
      { a: '1.5', d: '2024-01-01' },
      { a: '2', d: '2024-01-03' },
    ])
    const state = fitEncoder(table)
    expect(encoded(state, table)).toMatchObject({ a: [1.5, 2], 'd:elapsed': [0, 2] })
  })

  test('a column that never varies is dropped; one that is sometimes missing varies', () => {
    const table = csvTable({ same: ['5', '5'], none: ['', ''], some: ['5', ''], v: ['1', '2'] })
    const state = fitEncoder(table)
    expect(droppedColumns(state)).toEqual(['same', 'none'])
    expect(encoded(state, table)).toEqual({ some: [5, null], v: [1, 2] })
    expect(encodedWidth(state)).toBe(2)
  })

  test.each(['number', 'string', 'boolean', 'datetime', 'missing'])(
    'when nothing varies the first column, here %s, is kept so that the model has an input',
    (kind) => {
      const cell = { number: '1', string: 'x', boolean: 'True', datetime: '2024-01-01', missing: '' }[kind]!
      const table = csvTable({ a: [cell, cell], b: ['2', '2'] })
      const state = fitEncoder(table)
      expect(encodedWidth(state)).toBe(1)
      expect(Object.values(encoded(state, table))).toEqual([
        kind === 'missing' ? [null, null] : [expect.any(Number), expect.any(Number)],
      ])
    },
  )

  test('few distinct numbers are categories only in a table of more than 100 rows', () => {
    const cells = (n: number) => Array.from({ length: n }, (_, i) => String((i % 3) * 10))
    const small = csvTable({ a: cells(100) })
    const large = csvTable({ a: cells(101) })
    expect(Object.keys(encoded(fitEncoder(small), small))).toEqual(['a'])
    const state = fitEncoder(large)
    expect(encoded(state, csvTable({ a: ['20', '0', '5', ''] }))).toEqual({ 'a*': [2, 0, null, null] })
  })

  test('four distinct numbers stay numbers', () => {
    const table = csvTable({ a: Array.from({ length: 200 }, (_, i) => String(i % 4)) })
    expect(Object.keys(encoded(fitEncoder(table), table))).toEqual(['a'])
  })

  test('a declared column is categorical up to 30 distinct values, missing counted', () => {
    const cells = (n: number) => Array.from({ length: n }, (_, i) => String(i))
    const declared = (table: Table) =>
      Object.keys(encoded(fitEncoder(table, { categoricalColumns: [0] }), table))
    expect(declared(csvTable({ a: cells(30) }))).toEqual(['a*'])
    expect(declared(csvTable({ a: cells(31) }))).toEqual(['a'])
    expect(declared(csvTable({ a: ['', ...cells(30)] }))).toEqual(['a'])
    expect(declared(csvTable({ a: ['2024-01-01', '2024-01-02'] }))).toEqual(['a*'])
  })

  test('numbers that the file declares to be categories are categories', () => {
    const table = csvTable({ a: ['3', '1', '2'] })
    const column = table.columns[0]!
    if (column.kind === 'number') column.categorical = true
    expect(encoded(fitEncoder(table), table)).toEqual({ 'a*': [2, 0, 1] })
  })

  test('a column with an infinite value stays a number', () => {
    const table = csvTable({ a: ['1', 'inf', '-inf'] })
    const state = fitEncoder(table, { categoricalColumns: [0] })
    expect(encoded(state, table)).toEqual({ a: [1, Infinity, -Infinity] })
  })

  test('text with more than 30 values becomes its place in alphabetical order', () => {
    const names = texts(31)
    const table = csvTable({ s: Random.fromSeed(3).shuffle([...names]) })
    const state = fitEncoder(table)
    expect(encoded(state, csvTable({ s: ['t00007', 't00030', 'unseen', ''] }))).toEqual({
      s: [7, 30, null, null],
    })
  })

  test('the state of a column with thousands of texts stays small and places unseen texts between', () => {
    const table = csvTable({ s: texts(5000) })
    const state = fitEncoder(table)
    expect(JSON.stringify(state).length).toBeLessThan(20_000)
    const { s } = encoded(state, csvTable({ s: ['a', 't00000', 't01000x', 't02500', 't04999', 'u'] }))
    for (let i = 1; i < 6; i++) expect(s![i]).toBeGreaterThan(s![i - 1]!)
    expect(s![1]).toBe(0)
    expect(s![4]).toBe(1023)
  })

  test.each([[-1], [1], [0.5]])(
    'position %d of a categorical column outside the table is refused',
    (position) => {
      expect(() => fitEncoder(csvTable({ a: ['1'] }), { categoricalColumns: [position] })).toThrowError(
        expect.objectContaining({ code: 'unknown_column' }),
      )
    },
  )

  test('a table without columns or without rows is refused', () => {
    expect(() => fitEncoder({ rowCount: 3, columns: [] })).toThrowError(
      expect.objectContaining({ code: 'no_columns' }),
    )
    expect(() => fitEncoder(csvTable({ a: [] }))).toThrowError(expect.objectContaining({ code: 'no_rows' }))
  })
})

describe('datetimes', () => {
  test('dates give elapsed days, calendar parts that vary, and the circle of the year', () => {
    const table = csvTable({ d: ['2023-12-31', '2024-01-01', '', '2024-01-02'] })
    const got = encoded(fitEncoder(table), table)
    expect(got).toMatchObject({
      'd:elapsed': [0, 1, null, 2],
      'd:year': [2023, 2024, null, 2024],
      'd:month': [12, 1, null, 1],
      'd:day': [31, 1, null, 2],
      'd:weekday': [6, 0, null, 1],
    })
    expect(Object.keys(got)).not.toContain('d:hour')
    expect(Object.keys(got)).not.toContain('d:day_sin')
    expect(got['d:year_cos']![0]).toBeGreaterThan(0.999)
    expect(got['d:year_cos']![1]).toBe(1)
  })

  test('times give hour and the circle of the day', () => {
    const table = csvTable({ d: ['2024-01-01T00:00', '2024-01-01T06:00', '2024-01-01T18:30'] })
    const got = encoded(fitEncoder(table), table)
    expect(got['d:hour']).toEqual([0, 6, 18])
    expect(got['d:day_sin']![1]).toBeCloseTo(1, 12)
    expect(Object.keys(got)).toEqual(['d:elapsed', 'd:hour', 'd:day_sin', 'd:day_cos'])
  })

  test('instants before 1970 have parts in their natural ranges', () => {
    const table = csvTable({ d: ['1969-12-31T23:00', '1950-02-03T01:00'] })
    expect(encoded(fitEncoder(table), table)).toMatchObject({ 'd:hour': [23, 1], 'd:weekday': [2, 4] })
  })
})

describe('encoding a later table', () => {
  const train = csvTable({
    n: ['1', '2', '3'],
    s: ['1', '2', 'x'],
    b: ['True', 'False', 'True'],
    d: ['2024-01-01', '2024-01-02', '2024-02-01'],
  })
  const state = fitEncoder(train)

  test('an unseen category is missing', () => {
    expect(encoded(fitEncoder(csvTable({ s: ['a', 'b'] })), csvTable({ s: ['c', 'b'] }))).toEqual({
      's*': [null, 1],
    })
  })

  test('cells keep their meaning when the column reads as another kind', () => {
    const later = csvTable({ n: ['True', ''], s: ['2', '1'], b: ['1', '0'], d: ['', ''] })
    expect(encoded(state, later)).toMatchObject({
      n: [1, null],
      's*': [1, 0],
      'b*': [1, 0],
      'd:elapsed': [null, null],
    })
    const asText = fromRecords([{ n: '2', s: '2.0', b: 'true', d: '2024-01-05' }])
    expect(encoded(state, asText)).toMatchObject({ n: [2], 's*': [null], 'b*': [1], 'd:elapsed': [4] })
  })

  test('text categories are found when the later rows read as numbers, booleans or dates', () => {
    const fitted = fitEncoder(csvTable({ s: ['1.0', 'True', '2024-01-01', 'x'] }))
    expect(encoded(fitted, csvTable({ s: ['1'] }))).toEqual({ 's*': [0] })
    expect(encoded(fitted, csvTable({ s: ['true', 'False'] }))).toEqual({ 's*': [2, null] })
    expect(encoded(fitted, csvTable({ s: ['2024-01-01', '2024-01-02'] }))).toEqual({ 's*': [1, null] })
  })

  test('marks of missing values beside text are missing where numbers are expected', () => {
    const later = fromRecords([
      { n: 'NA', s: 'x', b: 'NA', d: 'null' },
      { n: '', s: 'x', b: '', d: '2024-01-01' },
    ])
    expect(encoded(state, later)).toMatchObject({
      n: [null, null],
      'b*': [null, null],
      'd:elapsed': [null, 0],
    })
  })

  test.each([
    ['text among numbers', { n: ['1', 'abc'] }, 'n', 1],
    ['a date among numbers', { n: ['', '2024-01-01'] }, 'n', 1],
    ['a number among dates', { d: ['5', '6'] }, 'd', 0],
    ['text among dates', { d: ['2024-01-01', 'soon'] }, 'd', 1],
  ])('%s is refused with its place', (_title, change, column, row) => {
    const later = csvTable({ n: ['1', '1'], s: ['x', 'x'], b: ['', ''], d: ['', ''], ...change })
    expect(() => encode(state, later)).toThrowError(
      expect.objectContaining({ code: 'bad_value', details: { column, row } }),
    )
  })

  test('columns in another order are matched by name', () => {
    const swapped = { rowCount: train.rowCount, columns: [...train.columns].reverse() }
    expect(encoded(state, swapped)).toEqual(encoded(state, train))
  })

  test('columns under other names are matched by position', () => {
    const renamed = {
      rowCount: 3,
      columns: train.columns.map((column, j) => ({ ...column, name: String(j) })),
    }
    expect(encoded(state, renamed)).toEqual(encoded(state, train))
  })

  test('a known name at another position while others are unknown is refused, not guessed', () => {
    const fitted = fitEncoder(csvTable({ a: ['1', '2'], b: ['3', '4'] }))
    expect(() => encode(fitted, csvTable({ b: ['1'], c: ['2'] }))).toThrowError(
      expect.objectContaining({
        code: 'wrong_columns',
        details: expect.objectContaining({ missing: ['a'], unexpected: ['c'] }),
      }),
    )
    expect(encoded(fitted, csvTable({ a: ['1'], c: ['2'] }))).toEqual({ a: [1], b: [2] })
  })

  test.each([
    ['more', { a: ['1'], b: ['1'], c: ['1'] }],
    ['fewer', { a: ['1'] }],
  ])('%s columns than at fit are refused', (_title, columns) => {
    const fitted = fitEncoder(csvTable({ a: ['1', '2'], b: ['3', '4'] }))
    expect(() => encode(fitted, csvTable(columns as Record<string, string[]>))).toThrowError(
      expect.objectContaining({ code: 'wrong_columns' }),
    )
  })

  test('a row alone is encoded as it is among others', () => {
    const all = encode(state, train)
    for (let row = 0; row < train.rowCount; row++) {
      const alone = encode(state, takeRows(train, [row]))
      expect(alone.columns.map((column) => column.values[0])).toEqual(
        all.columns.map((column) => column.values[row]),
      )
    }
  })
})

describe('the state', () => {
  const table = csvTable({
    n: ['1', '2', 'inf'],
    s: ['é', '😀', '\uFB01'],
    b: ['True', 'False', ''],
    d: ['2024-01-01T00:00:00.000001', '2024-01-02', ''],
  })

  test('it survives a JSON round trip exactly', () => {
    const state = fitEncoder(table, { categoricalColumns: [0, 3] })
    const back = JSON.parse(JSON.stringify(state)) as EncoderState
    expect(back).toStrictEqual(state)
    expect(encode(back, table)).toEqual(encode(state, table))
  })

  test('it does not depend on the order of the rows', () => {
    expect(fitEncoder(takeRows(table, [2, 0, 1]))).toEqual(fitEncoder(table))
  })

  test('an unknown version is refused', () => {
    const state = { ...fitEncoder(table), version: 2 } as unknown as EncoderState
    expect(() => encode(state, table)).toThrowError(expect.objectContaining({ code: 'unsupported_state' }))
  })
})
