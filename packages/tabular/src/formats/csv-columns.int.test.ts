import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { csvColumns, readCsvHeader } from './csv-columns.ts'
import { readCsv } from './csv-reader.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posterior-csv-columns-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(text: string): Promise<string> {
  const path = join(folder, 'table.csv')
  await writeFile(path, text)
  return path
}

async function keep(text: string, isKept: (name: string) => boolean): Promise<string> {
  const pieces = []
  for await (const piece of csvColumns(await file(text), isKept)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

const TABLE = 'a,"t ""x""",b\r\n1,no,"2,5"\r\n"say ""hi""",,é\r\n'

test('the target and the rest are cut apart with every cell as it stood', async () => {
  expect(await keep(TABLE, (name) => name !== 't "x"')).toBe('a,b\n1,"2,5"\n"say ""hi""",é\n')
  expect(await keep(TABLE, (name) => name === 't "x"')).toBe('"t ""x"""\nno\n""\n')
})

test('a missing value of a single column stays a row when the column is read again', async () => {
  const path = await file(await keep('a,t\n1,x\n2,\n3,\n\n\n', (name) => name === 't'))
  expect((await readCsv(path)).rowCount).toBe(3)
})

test('the names are read without the byte order mark and past blank lines', async () => {
  expect(await readCsvHeader(await file('\ufeff\n\na,"b,c"\n1,2'))).toEqual(['a', 'b,c'])
})

test('a file of many blocks keeps every row', async () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => `${i},"row ${i}",${i % 2}`)
  const text = await keep(`a,b,t\n${rows.join('\n')}`, (name) => name === 'b')
  const lines = text.trimEnd().split('\n')
  expect(lines.length).toBe(200_001)
  expect(lines[123_457]).toBe('"row 123456"')
})

test('rows that do not fit the header, names that come twice and no column at all are refused', async () => {
  const all = () => true
  await expect(keep('a,b\n1,2\n3\n', all)).rejects.toThrow(/line 3 has 1 cell; the header has 2/)
  await expect(keep('a,b\n1,2\n\n3,4\n', all)).rejects.toThrow(/line 3 is blank/)
  await expect(keep('a,a\n1,2\n', all)).rejects.toThrow(/'a'/)
  await expect(keep('a,b\n1,2\n', () => false)).rejects.toMatchObject({ code: 'no_columns' })
  await expect(keep('', all)).rejects.toMatchObject({ code: 'csv_empty' })
})
