import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encode } from '../preprocess/encode.ts'
import { fitEncoder } from '../preprocess/fit-encoder.ts'
import { Random } from '../random/random.ts'
import { fromRecords } from '../table/from-records.ts'
import { type CellValue, type Column, cellValue, findColumn, type Table } from '../table/table.ts'
import type { TableLimits } from './limits.ts'
import { readParquet } from './parquet-reader.ts'
import { writeParquet } from './parquet-writer.ts'
import { readTable } from './read-table.ts'

let folder: string
let files = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'posterior-parquet-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name)
const fresh = () => join(folder, `${files++}.parquet`)

/** Read bytes by way of a file. */
function readBytes(bytes: Uint8Array): Promise<Table> {
  const path = fresh()
  writeFileSync(path, bytes)
  return readParquet(path)
}

function cells(column: Column): CellValue[] {
  const rows = column.kind === 'string' ? column.codes.length : column.values.length
  return Array.from({ length: rows }, (_, row) => cellValue(column, row))
}

function failure(code: string, details: Record<string, unknown> = {}) {
  return expect.objectContaining({ code, details: expect.objectContaining(details) })
}

const day = (iso: string) => `${iso}T00:00:00.000Z`

describe('every pandas column kind', () => {
  const integer = { kind: 'number', integer: true }
  const real = { kind: 'number', integer: false }
  const datetime = { kind: 'datetime' }

  test.each<[string, Record<string, unknown>, CellValue[]]>([
    ['float64', real, [1.5, null, Infinity, -Infinity, -0.25, 1e300]],
    ['float32', real, [1.5, null, Infinity, -2, 0, 3]],
    ['float16', real, [1.5, null, Infinity, -2, 0, 65504]],
    ['int64', integer, [1, -2, 2 ** 53, 2 ** 53, 2 ** 63, 0]],
    ['int8', integer, [-128, 127, 0, 1, 2, 3]],
    ['uint8', integer, [0, 255, 1, 2, 3, 4]],
    ['uint32', integer, [0, 2 ** 32 - 1, 1, 2, 3, 4]],
    ['uint64', integer, [0, 2 ** 64, 1, 2, 3, 4]],
    ['bool', { kind: 'boolean' }, [true, false, true, false, true, false]],
    ['boolean', { kind: 'boolean' }, [true, null, false, null, true, false]],
    ['bool_object', { kind: 'boolean' }, [true, null, false, true, null, false]],
    ['Int64', integer, [1, null, 3, -4, 5, null]],
    ['string', { kind: 'string', levels: ['a', 'b', '', 'ä😀'] }, ['a', null, 'b', '', 'ä😀', 'a']],
    ['string_dtype', { kind: 'string' }, ['x', null, 'y', 'x', 'x', 'y']],
    ['numeric_text', { kind: 'string' }, ['1.5', '2', null, '-3e2', '1.5', '2']],
    ['category_text', { kind: 'string' }, ['lo', 'hi', null, 'lo', 'hi', 'lo']],
    ['category_int', { ...integer, categorical: true }, [3, 1, 2, 3, 1, 2]],
    [
      'datetime_ns',
      datetime,
      [
        '2024-01-02T03:04:05.123457Z',
        null,
        '1969-12-31T23:59:59.000Z',
        day('1700-01-01'),
        day('2262-01-01'),
        day('2024-01-02'),
      ],
    ],
    [
      'datetime_utc',
      datetime,
      [
        '2024-01-02T03:04:05.000Z',
        null,
        day('2024-06-01'),
        day('2024-06-02'),
        day('2024-06-03'),
        day('2024-06-04'),
      ],
    ],
    ['datetime_paris', datetime, new Array(6).fill('2024-06-01T10:00:00.000Z')],
    [
      'datetime_s',
      datetime,
      ['2024-06-01T12:00:00.000Z', null, '2024-06-01T12:00:00.000Z', null, '2024-06-01T12:00:00.000Z', null],
    ],
    ['timedelta', integer, [1e9, null, 2e9, 3e9, 4e9, 5e9]],
    ['period', integer, [648, 649, 650, 651, 652, 653]],
    [
      'date',
      datetime,
      [day('2024-01-02'), null, day('1969-12-31'), day('0001-01-01'), day('9999-12-31'), day('2000-02-29')],
    ],
    ['time', real, [3723, null, 0, 86399.5, 43200, 21600]],
    ['decimal', real, [1.25, null, -3.1, 0, 99.99, 1]],
    ['mixed_int_float', real, [1, 2.5, null, 3, 4, 5]],
    ['all_none', real, [null, null, null, null, null, null]],
    ['all_nan', real, [null, null, null, null, null, null]],
  ])('%s', async (name, shape, expected) => {
    const column = findColumn(await everyKind(), name)
    expect(column).toMatchObject(shape)
    expect(cells(column)).toEqual(expected)
    if (column.kind === 'number') expect(column.categorical === true).toBe(name === 'category_int')
  })

  // Read once: the file is the same for all.
  let table: Promise<Table> | undefined
  function everyKind(): Promise<Table> {
    table ??= readParquet(fixture('every-kind.parquet'))
    return table
  }

  test('all of them can be encoded, with text that states numbers as numbers', async () => {
    const columns = await everyKind()
    const numeric = encode(fitEncoder(columns), columns)
    const encoded = numeric.columns.find((column) => column.name === 'numeric_text')
    expect(encoded).toMatchObject({ categorical: false })
    expect(Array.from(encoded!.values)).toEqual([1.5, 2, Number.NaN, -300, 1.5, 2])
    expect(numeric.columns.find((column) => column.name === 'category_int')).toMatchObject({
      categorical: true,
    })
  })
})

describe('other files', () => {
  test('a file without rows keeps its columns if it is accepted at all', async () => {
    await expect(readParquet(fixture('no-rows.parquet'))).rejects.toThrowError(
      failure('no_rows', { rows: 0 }),
    )
    const table = await readParquet(fixture('no-rows.parquet'), { minRows: 0 })
    expect([table.rowCount, table.columns.length]).toEqual([0, 29])
    expect(findColumn(table, 'string_dtype')).toMatchObject({ kind: 'string', levels: [] })
  })

  test('an array from NumPy has columns named by position', async () => {
    const table = await readTable({ path: fixture('numpy-array.parquet'), format: 'parquet' })
    expect(table.columns.map((column) => [column.name, cells(column)])).toEqual([
      ['0', [0, 3, 6, 9]],
      ['1', [1, 4, 7, 10]],
      ['2', [2, 5, 8, 11]],
    ])
  })

  test('names are kept as they are, also where SQL would trip', async () => {
    const table = await readParquet(fixture('odd-names.parquet'))
    expect(table.columns.map((column) => [column.name, ...cells(column)])).toEqual([
      ['a', 1],
      ['A', 2],
      ['say "hi"', 3],
      ['ü, ü', 4],
      ['', 5],
      ["('x', 'y')", 6],
      ['select', 7],
    ])
  })

  test('rows keep their order over row groups and pages', async () => {
    const table = await readParquet(fixture('row-groups.parquet'))
    const [i, s] = table.columns
    expect(cells(i!)).toEqual(Array.from({ length: 5000 }, (_, k) => k))
    expect(cells(s!)).toEqual(Array.from({ length: 5000 }, (_, k) => `s${k % 7}`))
  })

  test('a path that looks like a pattern of names is taken literally', async () => {
    const path = join(folder, "it's [ab]*?.parquet")
    writeFileSync(path, readFileSync(fixture('numpy-array.parquet')))
    expect((await readParquet(path)).rowCount).toBe(4)
  })
})

describe('files that are refused', () => {
  test.each([
    ['two columns of one name', 'duplicate-names.parquet', 'duplicate_column', { column: 'a' }],
    ['nested values', 'nested.parquet', 'parquet_unsupported', { column: 'list' }],
    ['bytes', 'bytes.parquet', 'parquet_unsupported', { column: 'bytes' }],
    ['no columns', 'no-columns.parquet', 'no_columns', {}],
    ['a file that is not there', 'nowhere.parquet', 'file_not_found', {}],
  ])('%s', async (_title, name, code, details) => {
    await expect(readParquet(fixture(name))).rejects.toThrowError(failure(code, details))
  })

  test.each([
    ['an empty file', ''],
    ['CSV text', 'a,b\n1,2\n'],
    ['the magic alone', 'PAR1'],
    ['the magic twice', 'PAR1PAR1'],
    ['an empty footer', 'PAR1\0\0\0\0PAR1'],
    ['a footer longer than the file', 'PAR1\xff\xff\xff\x7fPAR1'],
    ['junk between the magics', `PAR1${'junk'.repeat(20)}\x40\0\0\0PAR1`],
    ['a zip archive', 'PK\x03\x04 and so on'],
  ])('%s is no Parquet file', async (_title, content) => {
    await expect(readBytes(Buffer.from(content, 'latin1'))).rejects.toThrowError(failure('parquet_invalid'))
  })

  test('an encrypted file is named as such', async () => {
    await expect(readBytes(Buffer.from('PARE1234PARE'))).rejects.toThrowError(failure('parquet_unsupported'))
  })

  test('a file cut off anywhere is refused', async () => {
    const bytes = readFileSync(fixture('every-kind.parquet'))
    for (const length of [5, 11, 100, bytes.length >> 1, bytes.length - 9, bytes.length - 1]) {
      await expect(readBytes(bytes.subarray(0, length))).rejects.toThrowError(failure('parquet_invalid'))
    }
  })

  test('damaged bytes give an answer or an error of ours, and never the path', async () => {
    const rng = Random.fromSeed('damage')
    const whole = readFileSync(fixture('every-kind.parquet'))
    let refused = 0
    for (let trial = 0; trial < 25; trial++) {
      const bytes = Buffer.from(whole)
      for (let k = 0; k < 3; k++) bytes[rng.int(4, bytes.length - 8)] = rng.int(0, 256)
      try {
        await readBytes(bytes)
      } catch (error) {
        refused++
        expect(error).toMatchObject({ name: 'TableError' })
        expect((error as Error).message).not.toContain(folder)
      }
    }
    expect(refused).toBeGreaterThan(5)
  })
})

describe('limits', () => {
  test.each<[TableLimits, string, Record<string, unknown>]>([
    [{ maxRows: 4999 }, 'too_many_rows', { rows: 5000 }],
    [{ maxColumns: 1 }, 'too_many_columns', { columns: 2 }],
    [{ maxCells: 9999 }, 'too_many_cells', { rows: 5000, columns: 2 }],
    [{ maxTextBytes: 9999 }, 'too_large', { column: 's', bytes: 10_000 }],
  ])('%j', async (limits, code, details) => {
    await expect(readParquet(fixture('row-groups.parquet'), limits)).rejects.toThrowError(
      failure(code, details),
    )
  })

  test('limits that just fit pass', async () => {
    const limits = { maxRows: 5000, maxColumns: 2, maxCells: 10_000, maxTextBytes: 10_000 }
    expect((await readParquet(fixture('row-groups.parquet'), limits)).rowCount).toBe(5000)
  })

  test('a row count that the footer makes up costs no memory and is found out', async () => {
    // Thrift writes the row count 5,000 of the file as the zigzag varint 0x90 0x4e; make it 999,040.
    const bytes = readFileSync(fixture('row-groups.parquet'))
    const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
    const at = bytes.indexOf(Buffer.from([0x16, 0x90, 0x4e]), footer)
    expect(at).toBeGreaterThan(0)
    const lying = Buffer.concat([
      bytes.subarray(0, at + 1),
      Buffer.from([0x80, 0xfa, 0x79]),
      bytes.subarray(at + 3),
    ])
    lying.writeUInt32LE(bytes.readUInt32LE(bytes.length - 8) + 1, lying.length - 8)
    await expect(readBytes(lying)).rejects.toThrowError(failure('parquet_invalid'))
  })

  test('a text of more than 128 KiB is refused although its dictionary page is tiny', async () => {
    const path = fresh()
    await writeParquet(fromRecords([{ s: 'x'.repeat(200_000) }, { s: 'y' }]), path)
    await expect(readParquet(path)).rejects.toThrowError(
      failure('too_large', { column: 's', bytes: 200_000 }),
    )
  })

  test('an aborted read stops', async () => {
    const reason = new Error('enough')
    await expect(readParquet(fixture('numpy-array.parquet'), {}, AbortSignal.abort(reason))).rejects.toBe(
      reason,
    )
    const controller = new AbortController()
    const reading = readParquet(fixture('row-groups.parquet'), {}, controller.signal)
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })
})

describe('writeParquet', () => {
  test('what is written reads back as the same table', async () => {
    const path = fresh()
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      int: i % 3 === 0 ? null : i - 2500,
      real: i % 5 === 0 ? null : i / 7,
      flag: i % 4 === 0 ? null : i % 2 === 0,
      text: i % 6 === 0 ? null : `t${i % 11}`,
      'odd "name", too': i,
    }))
    const table = fromRecords(rows)
    const { columns } = table
    columns.push({
      kind: 'datetime',
      name: 'when',
      values: Float64Array.from(rows, (_, i) => (i % 2 ? Number.NaN : i * 1e9 + 0.125)),
    })
    await writeParquet(table, path)
    expect(await readParquet(path)).toEqual(table)
  })

  test('infinities, integers beyond 2^53 and empty text survive', async () => {
    const path = fresh()
    const table = fromRecords([
      { a: Infinity, b: 1e300, c: '' },
      { a: -1, b: 5, c: 'x' },
    ])
    await writeParquet(table, path)
    expect((await readParquet(path)).columns.map(cells)).toEqual(table.columns.map(cells))
  })

  test('replaces a file that is there', async () => {
    const path = fresh()
    await writeParquet(fromRecords([{ a: 1 }, { a: 2 }]), path)
    await writeParquet(fromRecords([{ b: 'new' }]), path)
    const table = await readParquet(path)
    expect(table.rowCount).toBe(1)
    expect(cells(findColumn(table, 'b')!)).toEqual(['new'])
  })

  test('no columns, and names that differ in case alone, are refused', async () => {
    await expect(writeParquet({ rowCount: 0, columns: [] }, fresh())).rejects.toThrowError(
      failure('no_columns'),
    )
    await expect(writeParquet(fromRecords([{ a: 1, A: 2 }]), fresh())).rejects.toThrowError(
      failure('duplicate_column'),
    )
  })
})
