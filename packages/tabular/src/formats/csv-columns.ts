/**
 * Some columns of a CSV file as CSV again, cell by cell as they stand in the bytes: nothing is parsed, so nothing can
 * change. Memory is a block of the file and its output.
 */
import { duplicateColumn } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'
import { CELL_ESCAPED, CELL_PLAIN, type CsvRow, CsvScanner } from './csv-scanner.ts'
import { FileBlocks } from './file-blocks.ts'
import { DEFAULT_TABLE_LIMITS } from './limits.ts'

const LF = 0x0a
const QUOTE = 0x22

/** Consecutive columns, both ends included. */
interface Run {
  first: number
  last: number
}

/**
 * The column names of a CSV file.
 *
 * @throws TableError csv_empty, csv_binary, csv_quote, csv_field_too_long, too_many_columns, duplicate_column
 */
export async function readCsvHeader(path: string): Promise<string[]> {
  const blocks = await FileBlocks.open(path)
  try {
    const scanner = newScanner()
    while (await blocks.readMore()) {
      const { at, isFound } = skipBlankLines(blocks, scanner)
      if (isFound) return headerNames(blocks.bytes, scanner.row)
      blocks.consumeTo(at, scanner.line)
    }
    throw new TableError('csv_empty', 'The file is empty. A CSV file must begin with a header row.')
  } finally {
    await blocks.close()
  }
}

/**
 * The columns that `isKept` chooses, with the header, in pieces of whole rows and in the order of the file. A blank line
 * is left out at the end of the file and an error elsewhere.
 *
 * @throws TableError as readCsvHeader; csv_ragged for a row with other than as many cells as the header; no_columns when
 *   none is kept
 */
export async function* csvColumns(
  path: string,
  isKept: (name: string) => boolean,
): AsyncGenerator<Uint8Array> {
  const names = await readCsvHeader(path)
  const runs = keptRuns(names.map(isKept))
  if (runs.length === 0) throw new TableError('no_columns', 'No column is left beside the target.')
  const blocks = await FileBlocks.open(path)
  try {
    const scanner = newScanner()
    const copier = new RowCopier(runs, names.length)
    while (await blocks.readMore()) {
      const piece = copier.copyRows(blocks, scanner)
      if (piece.length > 0) yield piece
    }
  } finally {
    await blocks.close()
  }
}

/** Copies the kept cells of the rows of a block. */
class RowCopier {
  readonly #runs: readonly Run[]
  readonly #width: number
  /** Line of the first blank line since the last row; 0 for none. */
  #blankLine = 0
  #isHeaderDone = false

  constructor(runs: readonly Run[], width: number) {
    this.#runs = runs
    this.#width = width
  }

  copyRows(blocks: FileBlocks, scanner: CsvScanner): Uint8Array {
    const { bytes, start, end, isLast } = blocks
    // An empty row becomes a pair of quotes, so a row may grow by two bytes; the shortest has two.
    const out = Buffer.allocUnsafe((end - start) * 2 + 3)
    let length = 0
    let at = start
    while (at < end) {
      const next = scanner.nextRow(bytes, at, { end, isLast })
      if (next < 0) break
      if (this.#isRow(scanner.row)) length = this.#copy(bytes, scanner.row, out, length)
      at = next
    }
    blocks.consumeTo(at, scanner.line)
    return out.subarray(0, length)
  }

  #isRow(row: CsvRow): boolean {
    if (row.isBlank) {
      // Blank lines in front of the header are nothing, as for the reader of whole tables.
      if (this.#isHeaderDone) this.#blankLine ||= row.line
      return false
    }
    if (this.#blankLine > 0) throw ragged(this.#blankLine, 0, this.#width)
    if (row.count !== this.#width) throw ragged(row.line, row.count, this.#width)
    this.#isHeaderDone = true
    return true
  }

  #copy(bytes: Buffer, row: CsvRow, out: Buffer, from: number): number {
    let at = from
    for (const { first, last } of this.#runs) {
      if (at > from) out[at++] = 0x2c
      at += bytes.copy(out, at, cellStart(row, first), cellEnd(row, last))
    }
    if (at === from) {
      // An empty line would be no row at all.
      out[at++] = QUOTE
      out[at++] = QUOTE
    }
    out[at++] = LF
    return at
  }
}

function newScanner(): CsvScanner {
  return new CsvScanner({ maxStoredCells: DEFAULT_TABLE_LIMITS.maxColumns })
}

function skipBlankLines(blocks: FileBlocks, scanner: CsvScanner): { at: number; isFound: boolean } {
  let at = blocks.start
  while (at < blocks.end) {
    const next = scanner.nextRow(blocks.bytes, at, { end: blocks.end, isLast: blocks.isLast })
    if (next < 0) break
    if (!scanner.row.isBlank) return { at, isFound: true }
    at = next
  }
  return { at, isFound: false }
}

function headerNames(bytes: Buffer, row: CsvRow): string[] {
  const { maxColumns } = DEFAULT_TABLE_LIMITS
  if (row.count > maxColumns) {
    throw new TableError(
      'too_many_columns',
      `The table has ${row.count} columns; at most ${maxColumns} are accepted. Send fewer columns.`,
      { details: { columns: row.count, maxColumns } },
    )
  }
  const seen = new Set<string>()
  return Array.from({ length: row.count }, (_, j) => {
    const text = bytes.toString('utf8', row.starts[j]!, row.ends[j]!)
    const name = row.forms[j] === CELL_ESCAPED ? text.replaceAll('""', '"') : text
    if (seen.has(name)) throw duplicateColumn(name)
    seen.add(name)
    return name
  })
}

function keptRuns(kept: readonly boolean[]): Run[] {
  const runs: Run[] = []
  kept.forEach((isKept, j) => {
    const open = runs.at(-1)
    if (!isKept) return
    if (open?.last === j - 1) open.last = j
    else runs.push({ first: j, last: j })
  })
  return runs
}

/** With its quotes. */
function cellStart(row: CsvRow, j: number): number {
  return row.starts[j]! - (row.forms[j] === CELL_PLAIN ? 0 : 1)
}

function cellEnd(row: CsvRow, j: number): number {
  return row.ends[j]! + (row.forms[j] === CELL_PLAIN ? 0 : 1)
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
