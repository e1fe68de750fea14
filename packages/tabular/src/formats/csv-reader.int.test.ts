import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inferColumn } from '../table/infer-column.ts'
import { cellValue, type Table } from '../table/table.ts'
import { readCsv } from './csv-reader.ts'
import { writeCsv } from './csv-writer.ts'
import type { TableLimits } from './limits.ts'

let folder: string
let files = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'posterior-csv-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** Read CSV bytes by way of a file. */
function read(content: string | Uint8Array, limits?: TableLimits): Promise<Table> {
  const path = join(folder, `${files++}.csv`)
  writeFileSync(path, content)
  return readCsv(path, limits)
}

function rowsOf(table: Table) {
  return Array.from({ length: table.rowCount }, (_, row) =>
    table.columns.map((column) => cellValue(column, row)),
  )
}

function failure(code: string, details: Record<string, unknown> = {}) {
  return expect.objectContaining({ code, details: expect.objectContaining(details) })
}

describe('well-formed files', () => {
  test('columns get names and kinds, empty cells are missing', async () => {
    const table = await read('n,s,b,d\n1,x,True,2024-01-01\n,,,\n2.5,"y, z",False,2024-01-02T03:04:05Z\n')
    expect(table.columns.map((column) => [column.name, column.kind])).toEqual([
      ['n', 'number'],
      ['s', 'string'],
      ['b', 'boolean'],
      ['d', 'datetime'],
    ])
    expect(rowsOf(table)).toEqual([
      [1, 'x', true, '2024-01-01T00:00:00.000Z'],
      [null, null, null, null],
      [2.5, 'y, z', false, '2024-01-02T03:04:05.000Z'],
    ])
  })

  test.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r3,4\r'],
    ['mixed line ends', 'a,b\r\n1,2\n3,4\r'],
    ['no line end after the last row', 'a,b\n1,2\n3,4'],
    ['blank lines at the end', 'a,b\n1,2\n3,4\n\n\r\n'],
    ['blank lines before the header', '\n\na,b\n1,2\n3,4\n'],
    ['a byte order mark', '\uFEFFa,b\n1,2\n3,4\n'],
    ['quoted cells', '"a","b"\n"1","2"\n"3","4"\n'],
    ['spaces around numbers', 'a,b\n 1, 2\n3 ,4 \n'],
  ])('%s', async (_title, text) => {
    const table = await read(text)
    expect(table.columns.map((column) => column.name)).toEqual(['a', 'b'])
    expect(rowsOf(table)).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('quoted cells may hold commas, line breaks and doubled quotes', async () => {
    const table = await read('"na\nme",b\r\n"x\r\ny","say ""hi"""\n"",","\n')
    expect(table.columns[0]!.name).toBe('na\nme')
    expect(rowsOf(table)).toEqual([
      ['x\r\ny', 'say "hi"'],
      [null, ','],
    ])
  })

  test('a blank line in a file of one column is a missing value, so rows do not shift', async () => {
    expect(rowsOf(await read('y\n1\n\n\n4\n""\n\n'))).toEqual([[1], [null], [null], [4], [null]])
  })

  test('text is decoded as UTF-8 wherever a block may cut a character', async () => {
    // Over 2 MB, so blocks of 1 MiB end inside characters of two to four bytes.
    const row = 'é€😀'.repeat(40)
    const table = await read(`t,i\n${Array.from({ length: 6000 }, (_, i) => `${row},${i}`).join('\n')}`)
    expect(table.columns[0]).toMatchObject({ kind: 'string', levels: [row] })
    expect((table.columns[1] as { values: Float64Array }).values).toEqual(
      Float64Array.from({ length: 6000 }, (_, i) => i),
    )
  })

  test('a row longer than a block is read whole', async () => {
    const names = Array.from({ length: 3000 }, (_, i) => `c${i}`)
    const long = names.map(() => `"${'x'.repeat(990)}"`)
    const table = await read(`${names}\n${long}\n${long}\n`)
    expect([table.rowCount, table.columns.length]).toEqual([2, 3000])
    expect(cellValue(table.columns[2999]!, 1)).toBe('x'.repeat(990))
  })

  test('a column that turns into text late keeps its earlier cells as they were written', async () => {
    const cells = [...Array.from({ length: 30_000 }, (_, i) => `${i}.50`), 'NA', 'end']
    const table = await read(`a,b\n${cells.map((cell, i) => `${cell},${i}`).join('\n')}\n`)
    expect(table.columns.map((column) => column.kind)).toEqual(['string', 'number'])
    expect(cellValue(table.columns[0]!, 1)).toBe('1.50')
    expect(cellValue(table.columns[0]!, 30_000)).toBe('NA')
    expect(cellValue(table.columns[1]!, 30_001)).toBe(30_001)
  })

  test('numbers are read as the general rules read them', async () => {
    const texts = [
      '0',
      '-0',
      '+7',
      '.5',
      '5.',
      '-.25',
      '123456789012345',
      '1234567890123456789',
      '0.1',
      '1e5',
      'inf',
      '9.99',
    ]
    const table = await read(`n\n${texts.join('\n')}\n`)
    expect(table.columns[0]).toEqual(inferColumn('n', texts))
  })
})

describe('files that are refused', () => {
  test.each<[string, string | Uint8Array, string, Record<string, unknown>]>([
    ['a short row', 'a,b\n1,2\n3\n5,6\n', 'csv_ragged', { line: 3, cells: 1, columns: 2 }],
    ['a long row', 'a,b\n1,2\n3,4,5\n', 'csv_ragged', { line: 3, cells: 3 }],
    ['a trailing comma', 'a,b\n1,2,\n', 'csv_ragged', { line: 2, cells: 3 }],
    [
      'a blank line between rows of several columns',
      'a,b\n1,2\n\n3,4\n',
      'csv_ragged',
      { line: 3, cells: 0 },
    ],
    ['a ragged row after a quoted line break', 'a,b\n"x\ny",2\n3\n', 'csv_ragged', { line: 4 }],
    ['a quote that is never closed', 'a,b\n1,2\n3,"4\n5,6\n', 'csv_quote', { line: 3, cell: 2 }],
    ['a quote inside an unquoted cell', 'a,b\n1,5" pipe\n', 'csv_quote', { line: 2, cell: 2 }],
    ['text after a closing quote', 'a,b\n"1"x,2\n', 'csv_quote', { line: 2, cell: 1 }],
    ['a space before a quote', 'a,b\n1, "2"\n', 'csv_quote', { line: 2 }],
    ['a repeated column name', 'a,b,a\n1,2,3\n', 'duplicate_column', { column: 'a' }],
    ['an empty file', '', 'csv_empty', {}],
    ['blank lines alone', '\n\n', 'csv_empty', {}],
    ['a byte order mark alone', '\uFEFF', 'csv_empty', {}],
    ['a header alone', 'a,b\n', 'no_rows', { rows: 0 }],
    ['semicolons', 'a;b\n1,5;2\n', 'csv_delimiter', { line: 1 }],
    ['tabs', 'a\tb\n1\t2\n', 'csv_delimiter', {}],
    ['Latin-1', Buffer.from('a,b\n1,2\nfa\xe7ade,3\n', 'latin1'), 'csv_encoding', { line: 3 }],
    ['a cut UTF-8 character', Buffer.from('a\nx\n\u20ac').subarray(0, -1), 'csv_encoding', { line: 3 }],
    ['zero bytes', 'a,b\n1,2\n3,\0\n', 'csv_binary', { line: 3 }],
    ['a Parquet file', 'PAR1\x15\x00', 'csv_binary', {}],
    ['a zip archive', 'PK\x03\x04', 'csv_binary', {}],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'csv_binary', {}],
    ['UTF-16', Buffer.from('\uFEFFa,b\n', 'utf16le'), 'csv_binary', {}],
    ['random bytes', Buffer.from([0xde, 0xad, 0xbe, 0xef, 0x0a, 0x00]), 'csv_binary', {}],
  ])('%s', async (_title, content, code, details) => {
    await expect(read(content)).rejects.toThrowError(failure(code, details))
  })

  test('a file that is not there', async () => {
    await expect(readCsv(join(folder, 'nowhere.csv'))).rejects.toThrowError(failure('file_not_found'))
  })

  test('an invalid character deep in a large file is reported with its line', async () => {
    const lines = Buffer.from(`a,b\n${'some text,1\n'.repeat(200_000)}`)
    lines[4 + 12 * 150_000 + 2] = 0xff
    await expect(read(lines)).rejects.toThrowError(failure('csv_encoding', { line: 150_002 }))
  })

  test('a cell over 128 KiB and a row over 32 MiB', async () => {
    await expect(read(`a,b\n1,${'x'.repeat(128 * 1024 + 1)}\n`)).rejects.toThrowError(
      failure('csv_field_too_long', { line: 2 }),
    )
    const row = Buffer.alloc(33 * 1024 ** 2, 'a,b\n1,"')
    row.fill('x', 7)
    await expect(read(row)).rejects.toThrowError(failure('csv_field_too_long', { line: 2 }))
  })
})

describe('limits', () => {
  const text = 'a,b\n1,2\n3,4\n5,6\n'

  test('rows, columns and cells are limited', async () => {
    await expect(read(text, { maxRows: 2 })).rejects.toThrowError(failure('too_many_rows', { maxRows: 2 }))
    await expect(read(text, { maxColumns: 1 })).rejects.toThrowError(
      failure('too_many_columns', { columns: 2 }),
    )
    await expect(read(text, { maxCells: 5 })).rejects.toThrowError(failure('too_many_cells', { maxCells: 5 }))
    expect((await read(text, { maxRows: 3, maxColumns: 2, maxCells: 6 })).rowCount).toBe(3)
  })

  test('a limit is noticed while rows arrive, before a fault that stands later', async () => {
    await expect(read(`${text}ragged\n`, { maxRows: 2 })).rejects.toThrowError(failure('too_many_rows'))
  })

  test('a table without rows passes if asked for', async () => {
    const table = await read('a,b\n', { minRows: 0 })
    expect([table.rowCount, table.columns.map((column) => column.kind)]).toEqual([0, ['number', 'number']])
  })

  test('an aborted read stops', async () => {
    const path = join(folder, 'abort.csv')
    writeFileSync(path, text)
    await expect(readCsv(path, {}, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})

describe('writeCsv', () => {
  test('what is written reads back as the same table', async () => {
    const table: Table = {
      rowCount: 3,
      columns: [
        inferColumn('int', ['1', '', '-3']),
        inferColumn('float', ['1.0', '2.5', 'inf']),
        inferColumn('big', ['1e300', '', '0.1']),
        inferColumn('bool', ['True', '', 'False']),
        inferColumn('text "quoted", a', ['x', 'a "b", c', 'line\nbreak']),
        inferColumn('date', ['2024-01-01', '', '0099-01-01']),
        inferColumn('time', ['2024-01-01T00:00', '', '2024-01-01T10:11:12.000013']),
        inferColumn('none', ['', '', '']),
      ],
    }
    const text = writeCsv(table)
    expect(text.split('\n')[1]).toBe('1,1.0,1e+300,True,x,2024-01-01,2024-01-01T00:00:00.000Z,')
    expect(await read(text)).toEqual(table)
  })

  test('a missing cell of a one-column table still makes a row', async () => {
    const table: Table = { rowCount: 3, columns: [inferColumn('y', ['', '1', ''])] }
    expect(writeCsv(table)).toBe('y\n""\n1\n""\n')
    expect(await read(writeCsv(table))).toEqual(table)
  })
})
