import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromRows, Random, readTable } from '@posterior/tabular'
import { afterAll, expect, test } from 'vitest'
import { systemIds } from '../system/system.ts'
import { FolderTableFiles } from './folder-table-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'posterior-tables-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const files = new FolderTableFiles(folder, systemIds)

async function roundTrip(rows: unknown[][]) {
  const { format, content } = files.inline({ rows }, 'X_test')
  const path = join(folder, `table.${systemIds.newId()}`)
  await writeFile(path, content)
  return { format, table: await readTable({ path, format }) }
}

const random = Random.fromSeed('inline tables')
const many = Array.from({ length: 500 }, (_, i) => [
  random.cauchy(),
  i % 7 === 0 ? null : random.normal(),
  random.int(-5, 5),
  random.int(0, 2),
  random.int(0, 10) / 2,
  2020 + random.int(0, 5),
  20_200_101 + i,
  random.normal() * 1e-9,
])

test.each([
  ['one row', [[1.5, -2, 1e-300, 0]]],
  ['one column', [[1], [null], [3]]],
  [
    'whole numbers as numbers with gaps',
    [
      [1, 2.5],
      [null, 1],
      [9_007_199_254_740_991, 3],
    ],
  ],
  ['many rows', many],
])('numbers go as CSV and come back as they were: %s', async (_, rows) => {
  const { format, table } = await roundTrip(rows)
  expect(format).toBe('csv')
  const names = rows[0]!.map((_, j) => String(j))
  expect(table).toEqual(fromRows(names, rows))
})

test.each([
  ['text that states a number', [['1'], ['2']]],
  ['truth values', [[true], [false]]],
  ['a column of nothing', [[1, null]]],
  ['infinity', [[Number.POSITIVE_INFINITY], [1]]],
  ['numbers beyond 2^53', [[1e300], [1]]],
])('what CSV cannot say for sure goes as Parquet: %s', async (_, rows) => {
  const { format, table } = await roundTrip(rows)
  expect(format).toBe('parquet')
  expect(table).toMatchObject({ rowCount: rows.length })
  const [column] = table.columns
  expect(column?.kind).toBe(
    fromRows(
      rows[0]!.map((_, j) => String(j)),
      rows,
    ).columns[0]?.kind,
  )
})

test('rows of different lengths are refused before anything is written', () => {
  expect(() => files.inline({ rows: [[1, 2], [3]] }, 'X_test')).toThrow(/Row 1 has 1 values/)
})
