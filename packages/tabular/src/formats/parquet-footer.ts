import { TableError } from '../table/table-error.ts'
import { openFile } from './file-blocks.ts'
import { recogniseBinary } from './file-kind.ts'

/** Most bytes of metadata that are accepted; 20,000 columns over ten row groups take about a fifth of it. */
const MAX_FOOTER_BYTES = 128 * 1024 ** 2

/** Magic, footer length, magic. */
const SMALLEST_FILE = 12

/**
 * Check that a file begins and ends as a Parquet file does, before a parser is let loose on it.
 *
 * @throws TableError file_not_found, parquet_invalid, parquet_unsupported (encrypted), too_large (metadata)
 */
export async function checkParquetFrame(path: string): Promise<void> {
  const file = await openFile(path)
  try {
    const { size } = await file.stat()
    const head = Buffer.alloc(8)
    await file.read(head, 0, 8, 0)
    const kind = recogniseBinary(head)
    if (kind === 'an encrypted Parquet file') {
      throw new TableError('parquet_unsupported', 'The Parquet file is encrypted. Send it unencrypted.')
    }
    if (kind !== 'a Parquet file') {
      const found = size === 0 ? 'empty' : (kind ?? 'something else (it does not begin with PAR1)')
      throw new TableError('parquet_invalid', `This is no Parquet file: it is ${found}.`)
    }
    const tail = Buffer.alloc(8)
    if (size >= SMALLEST_FILE) await file.read(tail, 0, 8, size - 8)
    if (tail.toString('latin1', 4) !== 'PAR1') {
      throw new TableError(
        'parquet_invalid',
        `The Parquet file is cut off: it has ${size} bytes and does not end with PAR1. Send the whole file.`,
        { details: { sizeBytes: size } },
      )
    }
    const footerBytes = tail.readUInt32LE(0)
    if (footerBytes > size - SMALLEST_FILE) {
      throw new TableError(
        'parquet_invalid',
        `The Parquet file is damaged: its metadata is said to have ${footerBytes} bytes, the file has ${size}.`,
        { details: { sizeBytes: size, footerBytes } },
      )
    }
    if (footerBytes > MAX_FOOTER_BYTES) {
      throw new TableError(
        'too_large',
        `The Parquet file has ${footerBytes} bytes of metadata; at most ${MAX_FOOTER_BYTES} are accepted. ` +
          'Write it with fewer columns or larger row groups.',
        { details: { footerBytes, maxBytes: MAX_FOOTER_BYTES } },
      )
    }
  } finally {
    await file.close()
  }
}
