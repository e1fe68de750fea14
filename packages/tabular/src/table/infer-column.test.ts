import { describe, expect, test } from 'vitest'
import { Random } from '../random/random.ts'
import { inferColumn, retypeStrings } from './infer-column.ts'
import { type Column, cellValue, columnLength, type StringColumn } from './table.ts'

function values(column: Column) {
  return Array.from({ length: columnLength(column) }, (_, row) => cellValue(column, row))
}

describe('inferColumn', () => {
  test.each<[string, (string | null)[], Column['kind'], unknown[]]>([
    ['numbers with gaps', ['1', '', '2.5', null], 'number', [1, null, 2.5, null]],
    ['numbers with marks', ['NA', '1', '?', 'nan'], 'number', [null, 1, null, null]],
    ['booleans', ['True', '', 'false'], 'boolean', [true, null, false]],
    ['dates', ['2024-01-02', 'NaT'], 'datetime', ['2024-01-02T00:00:00.000Z', null]],
    ['text', ['a', '', 'NA'], 'string', ['a', null, 'NA']],
    ['post codes', ['00123', '45678'], 'string', ['00123', '45678']],
    ['numbers, then text', ['1.50', 'NA', 'x'], 'string', ['1.50', 'NA', 'x']],
    ['marks, then text', ['NA', 'x'], 'string', ['NA', 'x']],
    ['booleans and numbers', ['True', '1'], 'string', ['True', '1']],
    ['dates and numbers', ['2024-01-02', '3'], 'string', ['2024-01-02', '3']],
    ['thousands separators', ['1,234', '5'], 'string', ['1,234', '5']],
    ['nothing at all', ['', null], 'number', [null, null]],
    ['marks alone', ['NA', ''], 'number', [null, null]],
    ['no cells', [], 'number', []],
  ])('%s', (_title, texts, kind, expected) => {
    const column = inferColumn('c', texts)
    expect(column.kind).toBe(kind)
    expect(values(column)).toEqual(expected)
  })

  test('a number column is integer only if every value is written as one', () => {
    expect(inferColumn('c', ['1', '', '-2'])).toMatchObject({ integer: true })
    expect(inferColumn('c', ['1', '2.0'])).toMatchObject({ integer: false })
    expect(inferColumn('c', ['', ''])).toMatchObject({ integer: false })
  })

  test('levels stand in order of first appearance', () => {
    expect(inferColumn('c', ['b', 'a', 'b', ''])).toMatchObject({ levels: ['b', 'a'] })
  })

  test('the order of the cells changes neither kind nor values', () => {
    const rng = Random.fromSeed('infer')
    const pools = [
      ['1', '2', 'NA', ''],
      ['1', 'x', 'NA', ''],
      ['True', 'False', 'null', ''],
      ['True', '0', ''],
      ['2024-01-01', '2024-01-01T10:00Z', 'nan'],
      ['2024-01-01', '2024', '?'],
      ['007', '8', ''],
    ]
    for (const pool of pools) {
      const texts = [...pool, ...Array.from({ length: 6 }, () => rng.choice(pool))]
      const column = inferColumn('c', texts)
      for (let trial = 0; trial < 20; trial++) {
        const order = rng.permutation(texts.length)
        const shuffled = inferColumn(
          'c',
          Array.from(order, (i) => texts[i]!),
        )
        expect(shuffled.kind).toBe(column.kind)
        expect(values(shuffled)).toEqual(Array.from(order, (i) => values(column)[i]))
      }
    }
  })
})

describe('retypeStrings', () => {
  const strings = (levels: string[], codes: number[]): StringColumn => ({
    kind: 'string',
    name: 'c',
    levels,
    codes: Int32Array.from(codes),
  })

  test('texts that all state numbers become numbers', () => {
    const column = retypeStrings(strings(['1.5', 'NA', '2'], [0, 1, -1, 2, 0]))
    expect(column.kind).toBe('number')
    expect(values(column)).toEqual([1.5, null, null, 2, 1.5])
  })

  test('booleans and dates are recognised too', () => {
    expect(values(retypeStrings(strings(['True', 'False'], [1, 0, -1])))).toEqual([false, true, null])
    expect(retypeStrings(strings(['2024-01-01'], [0])).kind).toBe('datetime')
  })

  test('a level that no row uses has no say', () => {
    expect(retypeStrings(strings(['x', '3'], [1, 1])).kind).toBe('number')
  })

  test('other text stays as it is, and so does a column of missing marks or without values', () => {
    for (const column of [strings(['a', '1'], [0, 1]), strings(['NA', ''], [0, 1]), strings([], [-1])]) {
      expect(retypeStrings(column)).toBe(column)
    }
  })
})
