import { expect, test } from 'vitest'
import { fromRows } from '../table/from-records.ts'
import { splitRows } from './split-rows.ts'

const table = (targets: readonly (string | number | null)[], parts?: readonly string[]) =>
  fromRows(
    ['x', 'y', ...(parts ? ['part'] : [])],
    targets.map((y, i) => [i, y, ...(parts ? [parts[i]!] : [])]),
  )
const dealt = { target: 'y', splitColumn: null }
const sizes = (splits: ReturnType<typeof splitRows>) => splits.map(({ name, rows }) => [name, rows.length])

test('every fourth row is asked for, within each class, and always the same rows', () => {
  const targets = Array.from({ length: 80 }, (_, i) => (i < 60 ? 'a' : 'b'))
  const splits = splitRows(table(targets), dealt)
  expect(sizes(splits)).toEqual([
    ['train', 60],
    ['test', 20],
  ])
  expect(Array.from(splits[1]!.rows, (row) => targets[row]).filter((label) => label === 'b').length).toBe(5)
  expect(splitRows(table(targets), dealt)).toEqual(splits)
  const all = splits.flatMap(({ rows }) => [...rows]).sort((a, b) => a - b)
  expect(all).toEqual(Array.from({ length: 80 }, (_, i) => i))
})

test('a class that is there once is learned, and something is asked for even then', () => {
  const splits = splitRows(table(['a', 'a', 'a', 'a', 'b']), dealt)
  expect([...splits[0]!.rows]).toContain(4)
  expect(sizes(splitRows(table(['a', 'b', 'c']), dealt))).toEqual([
    ['train', 2],
    ['test', 1],
  ])
})

test('numbers are dealt over all rows', () => {
  const splits = splitRows(table(Array.from({ length: 100 }, (_, i) => i * 0.5)), dealt)
  expect(sizes(splits)).toEqual([
    ['train', 75],
    ['test', 25],
  ])
  expect(splits[1]!.rows[0]).toBeLessThan(20)
})

test('a column tells the splits, train and test first', () => {
  const parts = ['val', 'train', 'test', 'train', 'extra']
  const splits = splitRows(table([1, 2, 3, 4, 5], parts), { target: 'y', splitColumn: 'part' })
  expect(splits.map(({ name, rows }) => [name, ...rows])).toEqual([
    ['train', 1, 3],
    ['test', 2],
    ['extra', 4],
    ['val', 0],
  ])
})

test.each([
  [['test', 'test', 'test'], 'names no row "train"'],
  [['train', 'train', 'train'], 'leaves none to ask for'],
  [['train', 'a', 'b'], 'more than 2 different names'],
  [['train', '', 'test'], 'is missing in data row 2'],
])('a split column of %j is refused', (parts, message) => {
  const given = table(
    [1, 2, 3],
    parts.map((part) => part || (null as never)),
  )
  expect(() => splitRows(given, { target: 'y', splitColumn: 'part' }, 2)).toThrow(message)
})

test('a missing target and an unknown column are refused', () => {
  expect(() => splitRows(table([1, null, 3]), dealt)).toThrow('missing in data row 2')
  expect(() => splitRows(table([1, 2]), { target: 'z', splitColumn: null })).toThrow("no column 'z'")
  expect(() => splitRows(table([1]), dealt)).toThrow('fewer than 2 rows')
})
