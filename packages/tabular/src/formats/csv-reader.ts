/**
 * Reads a CSV file into typed columns: RFC 4180, a header row, UTF-8 with or without a byte order mark, empty = missing.
 * The file is read in blocks from disk and cells go straight into typed columns, so memory is that of the columns and
 * one block. A column whose type turns out wrong late (numbers, then text) is read in a second pass over the file.
 *
 * Blank lines at the end are ignored. Elsewhere a blank line is a missing value in a file of one column, where readers
 * that skip it would shift the rows, and an error in any other.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { ColumnBuilder } from '../table/column-builder.ts'
import { duplicateColumn, makeTable, type Table } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'
import { CELL_ESCAPED, CELL_PLAIN, type CsvRow, CsvScanner } from './csv-scanner.ts'
import { FileBlocks } from './file-blocks.ts'
import {
  checkColumnCount,
  checkEnoughRows,
  checkRowCount,
  MAX_CELL_BYTES,
  resolveLimits,
  type TableLimits,
} from './limits.ts'
import { NumberBytes } from './parse-number-bytes.ts'

/**
 * Read a CSV file.
 *
 * @throws TableError csv_empty, csv_binary, csv_encoding, csv_quote, csv_ragged, csv_delimiter, csv_field_too_long,
 *   duplicate_column, no_rows, too_many_rows, too_many_columns, too_many_cells; all name the line
 */
export async function readCsv(path: string, limits: TableLimits = {}, signal?: AbortSignal): Promise<Table> {
  const first = new CsvPass(resolveLimits(limits))
  await first.run(path, signal)
  const again = new Set(first.builders.filter((builder) => builder.mustReread).map((builder) => builder.name))
  if (again.size === 0) return makeTable(first.builders.map((builder) => builder.finish()))
  const typed = first.builders.map((builder) => (builder.mustReread ? undefined : builder.finish()))
  const second = new CsvPass(resolveLimits(limits), again)
  await second.run(path, signal)
  if (second.rows !== first.rows || second.builders.length !== first.builders.length) {
    throw new Error(`The file ${path} changed while it was read.`)
  }
  return makeTable(typed.map((column, j) => column ?? second.builders[j]!.finish()))
}

/** One run over the file. With `textColumns` only those columns are built, as text. */
class CsvPass {
  builders: ColumnBuilder[] = []
  rows = 0
  readonly #limits: Required<TableLimits>
  readonly #textColumns: ReadonlySet<string> | undefined
  readonly #scanner: CsvScanner
  readonly #numbers = new NumberBytes()
  #header: string[] | undefined
  /** Columns to build, by position. */
  #active: number[] = []
  #blankLines = 0
  #firstBlankLine = 0
  #ascii = true

  constructor(limits: Required<TableLimits>, textColumns?: ReadonlySet<string>) {
    this.#limits = limits
    this.#textColumns = textColumns
    this.#scanner = new CsvScanner({ maxStoredCells: limits.maxColumns })
  }

  async run(path: string, signal?: AbortSignal): Promise<void> {
    const blocks = await FileBlocks.open(path)
    try {
      while (await blocks.readMore()) {
        signal?.throwIfAborted()
        this.#scanBlock(blocks)
      }
    } finally {
      await blocks.close()
    }
    if (!this.#header) {
      throw new TableError('csv_empty', 'The file is empty. A CSV file must begin with a header row.')
    }
    checkEnoughRows(this.rows, this.#limits)
  }

  #scanBlock(blocks: FileBlocks): void {
    const { bytes, start, end, fresh, isLast } = blocks
    checkText(bytes, { start, fresh, end: blocks.wholeEnd, line: this.#scanner.line })
    this.#ascii = isAscii(bytes.subarray(start, end))
    let at = start
    while (at < end) {
      const next = this.#scanner.nextRow(bytes, at, { end, isLast })
      if (next < 0) break
      this.#takeRow(bytes, this.#scanner.row)
      at = next
    }
    blocks.consumeTo(at, this.#scanner.line)
  }

  #takeRow(bytes: Buffer, row: CsvRow): void {
    if (row.isBlank) {
      if (this.#blankLines++ === 0) this.#firstBlankLine = row.line
      return
    }
    if (!this.#header) {
      this.#blankLines = 0
      this.#takeHeader(bytes, row)
      return
    }
    if (this.#blankLines > 0) this.#takeBlankLines()
    const width = this.builders.length
    if (row.count !== width) throw ragged(row.line, row.count, width)
    this.#countRow()
    for (const j of this.#active) this.#takeCell(bytes, row, j)
  }

  #takeHeader(bytes: Buffer, row: CsvRow): void {
    checkColumnCount(row.count, this.#limits)
    this.#header = Array.from({ length: row.count }, (_, j) => this.#cellText(bytes, row, j))
    const [only] = this.#header
    if (row.count === 1 && row.forms[0] === CELL_PLAIN && /[;\t]/.test(only!)) {
      const found = only!.includes(';') ? 'semicolons' : 'tabs'
      throw new TableError(
        'csv_delimiter',
        `The header holds ${found} and no comma. Columns must be separated by commas (and decimals written with ` +
          'a point).',
        { details: { line: row.line } },
      )
    }
    const seen = new Set<string>()
    for (const name of this.#header) {
      if (seen.has(name)) throw duplicateColumn(name)
      seen.add(name)
    }
    const asText = this.#textColumns
    this.builders = this.#header.map(
      (name) => new ColumnBuilder(name, { asText: asText?.has(name) ?? false }),
    )
    this.#active = this.#header.flatMap((name, j) => (asText && !asText.has(name) ? [] : [j]))
  }

  #takeBlankLines(): void {
    const width = this.builders.length
    if (width > 1) throw ragged(this.#firstBlankLine, 0, width)
    for (; this.#blankLines > 0; this.#blankLines--) {
      this.#countRow()
      this.builders[0]!.appendMissing()
    }
  }

  #countRow(): void {
    this.rows++
    checkRowCount(this.rows, this.builders.length, { limits: this.#limits, exact: false })
  }

  #takeCell(bytes: Buffer, row: CsvRow, j: number): void {
    const builder = this.builders[j]!
    const start = row.starts[j]!
    const end = row.ends[j]!
    if (start === end) {
      builder.appendMissing()
      return
    }
    if (builder.acceptsNumbers) {
      const value = this.#numbers.parse(bytes, start, end)
      if (!Number.isNaN(value)) {
        builder.appendNumber(value, this.#numbers.isInteger)
        return
      }
    }
    if (!builder.mustReread) builder.append(this.#cellText(bytes, row, j))
  }

  #cellText(bytes: Buffer, row: CsvRow, j: number): string {
    const start = row.starts[j]!
    const end = row.ends[j]!
    if (end - start > MAX_CELL_BYTES) throw cellTooLong(row.line, end - start)
    const text = bytes.toString(this.#ascii ? 'latin1' : 'utf8', start, end)
    return row.forms[j] === CELL_ESCAPED ? text.replaceAll('""', '"') : text
  }
}

/**
 * Refuse bytes that are no UTF-8 text.
 *
 * @param fresh where the bytes not yet checked begin; `line` is the line at `start`
 */
function checkText(
  bytes: Buffer,
  { start, fresh, end, line }: { start: number; fresh: number; end: number; line: number },
): void {
  const part = bytes.subarray(fresh, end)
  const zero = part.indexOf(0)
  if (zero >= 0) {
    const at = line + countLineFeeds(bytes, start, fresh + zero)
    throw new TableError(
      'csv_binary',
      `Line ${at} holds a zero byte: this is no CSV text. Send CSV in UTF-8.`,
      {
        details: { line: at },
      },
    )
  }
  if (isUtf8(part)) return
  // Narrow down to the first line that is not valid.
  let lineStart = fresh
  let at = line + countLineFeeds(bytes, start, fresh)
  for (;;) {
    const feed = bytes.indexOf(0x0a, lineStart)
    const lineEnd = feed < 0 || feed >= end ? end : feed + 1
    if (lineEnd === end || !isUtf8(bytes.subarray(lineStart, lineEnd))) break
    lineStart = lineEnd
    at++
  }
  throw new TableError(
    'csv_encoding',
    `Line ${at} is not valid UTF-8. Save the file as UTF-8 (in pandas: to_csv(..., encoding='utf-8')).`,
    { details: { line: at } },
  )
}

function countLineFeeds(bytes: Buffer, start: number, end: number): number {
  let count = 0
  for (let at = bytes.indexOf(0x0a, start); at >= 0 && at < end; at = bytes.indexOf(0x0a, at + 1)) count++
  return count
}

function ragged(line: number, cells: number, columns: number): TableError {
  const has = cells === 0 ? 'is blank' : `has ${cells} ${cells === 1 ? 'cell' : 'cells'}`
  return new TableError(
    'csv_ragged',
    `The row on line ${line} ${has}; the header has ${columns} columns. ` +
      'Every row must have one cell per column; quote cells that hold commas.',
    { details: { line, cells, columns } },
  )
}

function cellTooLong(line: number, bytes: number): TableError {
  return new TableError(
    'csv_field_too_long',
    `A cell of the row on line ${line} has ${bytes} bytes; at most ${MAX_CELL_BYTES} are accepted. ` +
      'A quote that is opened and not closed can cause this.',
    { details: { line, bytes, maxBytes: MAX_CELL_BYTES } },
  )
}
