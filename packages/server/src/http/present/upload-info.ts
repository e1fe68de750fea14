import type { FileUploadInfo } from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import type { FileRole } from '../../domain/ports/blobs.ts'
import type { PreparedUpload } from '../../domain/uploads/prepare.ts'
import { absoluteUrl } from '../base-url.ts'

/** Where to send one file of a prepared upload. URLs are absolute, because plain programs call them as they are. */
export function uploadInfo(
  request: FastifyRequest,
  upload: PreparedUpload,
  { role, publicUrl }: { role: FileRole; publicUrl: string | undefined },
): FileUploadInfo {
  const file = upload.files[role]
  if (!file) throw new Error(`upload ${upload.id} has no file ${role}`)
  return {
    signed_urls: file.urls.map((url) => absoluteUrl(request, url, publicUrl)),
    expires_at: Math.floor(file.expiresAt / 1000),
    required_headers: {},
  }
}
