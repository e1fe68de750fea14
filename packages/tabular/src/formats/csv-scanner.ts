/**
 * Splits CSV bytes into rows of cells by RFC 4180: comma, double quotes, doubled quotes inside, line breaks CRLF, LF
 * or CR. Nothing is repaired: a quote inside an unquoted cell or text after a closing quote is an error. The scanner
 * sees blocks of bytes and consumes whole rows only, so the caller keeps what is left and adds to it.
 */
import { TableError } from '../table/table-error.ts'

/** How a cell stands in the bytes. */
export const CELL_PLAIN = 0
/** Between quotes, which are not part of [start, end). */
export const CELL_QUOTED = 1
/** Between quotes, with doubled quotes inside. */
export const CELL_ESCAPED = 2

const QUOTE = 0x22
const COMMA = 0x2c
const LF = 0x0a
const CR = 0x0d

/** One row as the scanner hands it out; the object is reused for the next row. */
export class CsvRow {
  /** Number of the line on which the row begins, counted from 1. */
  line = 1
  /** Cells in the row, which may be more than are stored. */
  count = 0
  starts = new Int32Array(64)
  ends = new Int32Array(64)
  forms = new Uint8Array(64)
  /** Cells beyond this many are counted but not stored. */
  readonly #maxStored: number

  constructor(maxStored: number) {
    this.#maxStored = maxStored
  }

  add(start: number, end: number, form: number): void {
    const index = this.count++
    if (index >= this.#maxStored) return
    if (index === this.starts.length) this.#grow()
    this.starts[index] = start
    this.ends[index] = end
    this.forms[index] = form
  }

  /** Whether the line is empty: one cell of no bytes and without quotes. */
  get isBlank(): boolean {
    return this.count === 1 && this.ends[0] === this.starts[0] && this.forms[0] === CELL_PLAIN
  }

  #grow(): void {
    const length = this.starts.length * 2
    const starts = new Int32Array(length)
    const ends = new Int32Array(length)
    const forms = new Uint8Array(length)
    starts.set(this.starts)
    ends.set(this.ends)
    forms.set(this.forms)
    this.starts = starts
    this.ends = ends
    this.forms = forms
  }
}

export class CsvScanner {
  readonly row: CsvRow
  /** Line on which the next unconsumed byte stands, counted from 1. */
  line = 1

  constructor(options: { maxStoredCells: number }) {
    this.row = new CsvRow(options.maxStoredCells)
  }

  /**
   * Find the next whole row that begins at `from`; on success `row` holds its cells.
   *
   * @param end number of valid bytes
   * @param isLast whether the file ends at `end`
   * @returns where the next row begins, or -1 when the row is not complete yet. Call only with from < end
   * @throws TableError csv_quote
   */
  nextRow(bytes: Uint8Array, from: number, { end, isLast }: { end: number; isLast: boolean }): number {
    const { row } = this
    row.line = this.line
    row.count = 0
    let line = this.line
    let at = from
    for (;;) {
      if (bytes[at] === QUOTE && at < end) {
        let close = at + 1
        let form = CELL_QUOTED
        for (;;) {
          while (close < end && bytes[close] !== QUOTE) {
            if (bytes[close] === LF) line++
            close++
          }
          if (close >= end) {
            if (isLast) throw unterminated(row)
            return -1
          }
          if (close + 1 >= end || bytes[close + 1] !== QUOTE) break
          form = CELL_ESCAPED
          close += 2
        }
        if (close + 1 >= end && !isLast) return -1
        row.add(at + 1, close, form)
        at = close + 1
        if (at < end && bytes[at] !== COMMA && bytes[at] !== LF && bytes[at] !== CR)
          throw afterQuote(row, line)
      } else {
        const start = at
        let byte = 0
        while (at < end) {
          byte = bytes[at]!
          // Letters, digits, sign and point all lie above the comma, so most bytes take one comparison.
          if (byte <= COMMA && (byte === COMMA || byte === LF || byte === CR || byte === QUOTE)) break
          at++
        }
        if (at < end && byte === QUOTE) throw strayQuote(row, line)
        if (at >= end && !isLast) return -1
        row.add(start, at, CELL_PLAIN)
      }
      if (at >= end) {
        this.line = line
        return end
      }
      const byte = bytes[at]!
      at++
      if (byte === COMMA) continue
      if (byte === CR) {
        if (at >= end && !isLast) return -1
        if (at < end && bytes[at] === LF) at++
      }
      this.line = line + 1
      return at
    }
  }
}

function unterminated(row: CsvRow): TableError {
  return new TableError(
    'csv_quote',
    `The row that begins on line ${row.line} opens a quote in cell ${row.count + 1} that is never closed. ` +
      'Close it, or double a quote that belongs to the text.',
    { details: { line: row.line, cell: row.count + 1 } },
  )
}

function strayQuote(row: CsvRow, line: number): TableError {
  return new TableError(
    'csv_quote',
    `Line ${line}, cell ${row.count + 1} holds a quote but is not quoted. Quote the whole cell and double the ` +
      'quotes inside: "5"" pipe".',
    { details: { line, cell: row.count + 1 } },
  )
}

function afterQuote(row: CsvRow, line: number): TableError {
  return new TableError(
    'csv_quote',
    `Line ${line}, cell ${row.count} goes on after its closing quote. Double the quotes inside a quoted cell.`,
    { details: { line, cell: row.count } },
  )
}
