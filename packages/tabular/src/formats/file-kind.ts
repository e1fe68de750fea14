/**
 * What the first bytes of a file say that it is, in words for an error message; undefined when they look like text.
 */
export function recogniseBinary(head: Uint8Array): string | undefined {
  const startsWith = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte)
  if (startsWith(0x50, 0x41, 0x52, 0x31)) return 'a Parquet file'
  if (startsWith(0x50, 0x41, 0x52, 0x45)) return 'an encrypted Parquet file'
  if (startsWith(0x50, 0x4b, 0x03, 0x04)) return 'a zip archive or an Excel workbook'
  if (startsWith(0x1f, 0x8b)) return 'a gzip archive'
  if (startsWith(0x28, 0xb5, 0x2f, 0xfd)) return 'a zstd archive'
  if (startsWith(0xd0, 0xcf, 0x11, 0xe0)) return 'an old Excel workbook'
  if (startsWith(0x41, 0x52, 0x52, 0x4f, 0x57, 0x31)) return 'an Arrow file'
  if (startsWith(0xff, 0xfe) || startsWith(0xfe, 0xff)) return 'UTF-16 text'
  if (startsWith(0x25, 0x50, 0x44, 0x46)) return 'a PDF'
  return undefined
}
