/** From the bytes of an archive to what they say. It computes for seconds when an archive is large, so it runs in a worker. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { MAX_ARCHIVE_BYTES, MAX_ARCHIVE_ENTRIES, MAX_UNPACKED_BYTES } from '@posterior/contracts'
import { ProjectError } from '../project-error.ts'
import { type ReadProject, readProject } from '../read-project.ts'
import { readTar } from './tar-reader.ts'

const unpack = promisify(gunzip)

/**
 * Read a tar.gz.
 *
 * @throws ProjectError that names files and fields
 */
export async function readArchive(archive: Uint8Array): Promise<ReadProject> {
  return readProject(readTar(await unpacked(archive), { maxEntries: MAX_ARCHIVE_ENTRIES }))
}

async function unpacked(archive: Uint8Array): Promise<Buffer> {
  if (archive.length > MAX_ARCHIVE_BYTES)
    throw ProjectError.archive(`it has more than ${MAX_ARCHIVE_BYTES} bytes.`)
  try {
    return await unpack(archive, { maxOutputLength: MAX_UNPACKED_BYTES })
  } catch (error) {
    const isLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    const reason = isLarge
      ? `it has more than ${MAX_UNPACKED_BYTES} bytes unpacked.`
      : 'it is not a whole .tar.gz.'
    throw ProjectError.archive(reason, error)
  }
}
