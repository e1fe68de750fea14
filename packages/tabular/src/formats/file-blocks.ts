import { type FileHandle, open } from 'node:fs/promises'
import { TableError } from '../table/table-error.ts'
import { recogniseBinary } from './file-kind.ts'

const BLOCK_BYTES = 1024 ** 2

/** Most bytes that one row may take. */
export const MAX_ROW_BYTES = 32 * 1024 ** 2

/**
 * A text file as a window of bytes that moves over it: `readMore` keeps what was not consumed and adds a block. The
 * window grows only while a single row fills it.
 */
export class FileBlocks {
  readonly #file: FileHandle
  /** The window; valid bytes are [start, end). The object changes when the window grows. */
  bytes: Buffer = Buffer.allocUnsafe(BLOCK_BYTES)
  start = 0
  end = 0
  /** Where the bytes of the last read begin that `wholeEnd` did not yet cover. */
  fresh = 0
  /** Whether the file ends at `end`. */
  isLast = false
  #line = 1
  #first = true

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** @throws TableError file_not_found */
  static async open(path: string): Promise<FileBlocks> {
    return new FileBlocks(await openFile(path))
  }

  /**
   * Where the last whole UTF-8 character ends: `end`, or up to three bytes before it when a block cuts a character.
   */
  get wholeEnd(): number {
    if (this.isLast) return this.end
    for (let back = 1; back <= Math.min(3, this.end - this.fresh); back++) {
      const byte = this.bytes[this.end - back]!
      if (byte < 0x80) break
      if (byte >= 0xc0) {
        const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
        return length > back ? this.end - back : this.end
      }
    }
    return this.end
  }

  /** The caller is done with everything before `at`, which stands on line `line`. */
  consumeTo(at: number, line: number): void {
    this.fresh = this.wholeEnd
    this.start = at
    this.#line = line
  }

  /**
   * Read on.
   *
   * @returns false once the whole file has been handed out
   * @throws TableError csv_field_too_long when one row exceeds MAX_ROW_BYTES; csv_binary for a known binary format
   */
  async readMore(): Promise<boolean> {
    if (this.isLast) return false
    this.#makeRoom()
    const { bytesRead } = await this.#file.read(this.bytes, this.end, this.bytes.length - this.end)
    this.end += bytesRead
    if (bytesRead === 0) this.isLast = true
    if (this.#first && this.end > 0) this.#checkHead()
    return this.end > this.start
  }

  #makeRoom(): void {
    const kept = this.end - this.start
    if (kept > MAX_ROW_BYTES) {
      throw new TableError(
        'csv_field_too_long',
        `The row that begins on line ${this.#line} has more than ${MAX_ROW_BYTES} bytes. ` +
          'A quote that is opened and not closed can cause this.',
        { details: { line: this.#line, maxBytes: MAX_ROW_BYTES } },
      )
    }
    if (kept > this.bytes.length / 2) {
      const larger = Buffer.allocUnsafe(this.bytes.length * 2)
      this.bytes.copy(larger, 0, this.start, this.end)
      this.bytes = larger
    } else {
      this.bytes.copyWithin(0, this.start, this.end)
    }
    this.fresh -= this.start
    this.end = kept
    this.start = 0
  }

  #checkHead(): void {
    this.#first = false
    const kind = recogniseBinary(this.bytes.subarray(0, this.end))
    if (kind) throw new TableError('csv_binary', `This is ${kind}, not CSV text. Send CSV in UTF-8.`)
    const hasMark = this.bytes[0] === 0xef && this.bytes[1] === 0xbb && this.bytes[2] === 0xbf
    if (hasMark) {
      this.start = 3
      this.fresh = 3
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/**
 * Open a file for reading.
 *
 * @throws TableError file_not_found
 */
export async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new TableError('file_not_found', `There is no file ${path}.`, { cause })
    }
    throw cause
  }
}
