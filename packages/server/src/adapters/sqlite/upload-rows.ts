/** Between rows and the domain's uploads. */
import type { FileFormat } from '@posterior/contracts'
import type { Selectable } from 'kysely'
import type { FileRole } from '../../domain/ports/blobs.ts'
import type { Upload, UploadFile, UploadKind, UploadPart } from '../../domain/ports/stores.ts'
import type { UploadFilesTable, UploadPartsTable, UploadsTable } from './schema.ts'

export function uploadRow(upload: Upload): UploadsTable {
  return {
    id: upload.id,
    account_id: upload.accountId,
    kind: upload.kind,
    fitted_train_set_id: upload.fittedTrainSetId,
    description: upload.description,
    created_at: upload.createdAt,
    expires_at: upload.expiresAt,
  }
}

export function fileRow(uploadId: string, file: UploadFile): UploadFilesTable {
  return {
    upload_id: uploadId,
    role: file.role,
    format: file.format,
    declared_hash: file.declaredHash,
    declared_size: file.declaredSize,
    part_count: file.partCount,
    state: file.state,
    size_bytes: file.sizeBytes,
    hash: file.hash,
    blob_key: file.blobKey,
  }
}

export function partRow(uploadId: string, role: FileRole, part: UploadPart): UploadPartsTable {
  return {
    upload_id: uploadId,
    role,
    part_index: part.index,
    size_bytes: part.sizeBytes,
    crc32c: part.crc32c,
    sha256: part.sha256,
    blob_key: part.blobKey,
  }
}

export function toUpload(
  row: Selectable<UploadsTable>,
  files: readonly Selectable<UploadFilesTable>[],
): Upload {
  return {
    id: row.id,
    accountId: row.account_id,
    kind: row.kind as UploadKind,
    fittedTrainSetId: row.fitted_train_set_id,
    description: row.description,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    files: files.map(toFile),
  }
}

export function toFile(row: Selectable<UploadFilesTable>): UploadFile {
  return {
    role: row.role as FileRole,
    format: row.format as FileFormat,
    declaredHash: row.declared_hash,
    declaredSize: row.declared_size,
    partCount: row.part_count,
    state: row.state as UploadFile['state'],
    sizeBytes: row.size_bytes,
    hash: row.hash,
    blobKey: row.blob_key,
  }
}

export function toPart(row: Selectable<UploadPartsTable>): UploadPart {
  return {
    index: row.part_index,
    sizeBytes: row.size_bytes,
    crc32c: row.crc32c,
    sha256: row.sha256,
    blobKey: row.blob_key,
  }
}
