import type { FileRole } from '../ports/blobs.ts'
import type { UploadFile, UploadKind } from '../ports/stores.ts'

/** The wire name of a file: `x_train`, `y_train` or `x_test`. */
export function fileName(kind: UploadKind, role: FileRole): string {
  return `${role}_${kind}`
}

/** The file of an upload in this role, if it has one. */
export function findFile(files: readonly UploadFile[], role: FileRole): UploadFile | undefined {
  return files.find((file) => file.role === role)
}
