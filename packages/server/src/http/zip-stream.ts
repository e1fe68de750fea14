import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { ArchiveEntry } from '../domain/data/data-export.ts'

/**
 * The entries as a zip, packed as it is read: one entry at a time, a few hundred kilobytes in memory whatever their size.
 * When the reader goes away the open entry is closed; when an entry cannot be read the stream breaks off, so that a
 * partial archive is never taken for a whole one.
 */
export function zipStream(entries: readonly ArchiveEntry[]): Readable {
  const zip = new ZipFile()
  const output = zip.outputStream as Readable
  const open = new Set<Readable>()
  zip.on('error', (error: Error) => output.destroy(error))
  for (const { path, modifiedAt, isCompressible, read } of entries) {
    zip.addReadStreamLazy(path, { mtime: new Date(modifiedAt), compress: isCompressible }, (start) => {
      const source = Readable.from(read(), { objectMode: false })
      open.add(source)
      source.once('error', (error) => output.destroy(error))
      source.once('close', () => open.delete(source))
      start(null, source)
    })
  }
  output.once('close', () => {
    for (const source of open) source.destroy()
  })
  zip.end()
  return output
}
