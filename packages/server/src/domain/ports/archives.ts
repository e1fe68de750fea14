import type { ReadProject } from '@posterior/project'

export interface ArchiveReader {
  /**
   * What a tar.gz of a project says; the work may take seconds and holds up nothing else.
   *
   * @throws AppError ARCHIVE_INVALID; REQUEST_VALIDATION_ERROR that names files and fields
   */
  read(archive: Uint8Array): Promise<ReadProject>
}
