/** The upload protocol: prepare answers with signed URLs, each takes one PUT (tabpfn-api section 4). */
import { z } from 'zod'
import { MAX_DESCRIPTION_LENGTH } from '../limits.ts'
import { requestIdSchema, responseIdSchema } from './ids.ts'

export const FILE_FORMATS = ['csv', 'parquet'] as const

export const fileFormatSchema = z.enum(FILE_FORMATS)

export type FileFormat = z.infer<typeof fileFormatSchema>

/** CRC32C of the file, four bytes big-endian in standard base64: six characters and two padding signs. */
const crc32cSchema = z
  .string()
  .regex(/^[A-Za-z0-9+/]{5}[AQgw]==$/, 'must be the CRC32C of the file: 4 bytes, big-endian, in base64')

/** What the caller says about a file before sending it. Unknown keys (`filename`, ...) are ignored. */
export const fileInfoSchema = z
  .object({
    format: fileFormatSchema,
    hash: crc32cSchema.nullish().describe('CRC32C of the whole file, base64; verified, and finds duplicates'),
    size_bytes: z.int().min(0).nullish().describe('Size of the file; chooses the number of chunks'),
    use_chunks: z.boolean().nullish().describe('Answer with several URLs, one per part; default false'),
  })
  .meta({ id: 'FileInfo', description: 'A file that is about to be uploaded' })

export type FileInfo = z.infer<typeof fileInfoSchema>

export const fileUploadInfoSchema = z
  .object({
    signed_urls: z.array(z.url()).min(1).describe('One PUT per URL; parts are joined in this order'),
    expires_at: z.number().describe('Unix time in seconds after which the URLs are refused'),
    required_headers: z.record(z.string(), z.string()).describe('Headers to send with each PUT'),
  })
  .meta({ id: 'FileUploadInfo', description: 'Where to send a file' })

export type FileUploadInfo = z.infer<typeof fileUploadInfoSchema>

export const prepareTrainSetUploadRequestSchema = z
  .object({
    x_train_info: fileInfoSchema.describe('The feature columns'),
    y_train_info: fileInfoSchema.describe('The target: one column'),
    description: z.string().max(MAX_DESCRIPTION_LENGTH).nullish(),
    force_reupload: z.boolean().nullish().describe('Never answer 409; default false'),
  })
  .meta({
    id: 'PrepareTrainSetUploadRequest',
    examples: [{ x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }],
  })

export type PrepareTrainSetUploadRequest = z.infer<typeof prepareTrainSetUploadRequestSchema>

export const prepareTrainSetUploadResponseSchema = z
  .object({
    train_set_upload_id: responseIdSchema,
    x_train_info: fileUploadInfoSchema,
    y_train_info: fileUploadInfoSchema,
  })
  .meta({ id: 'PrepareTrainSetUploadResponse' })

export type PrepareTrainSetUploadResponse = z.infer<typeof prepareTrainSetUploadResponseSchema>

export const prepareTestSetUploadRequestSchema = z
  .object({
    fitted_train_set_id: requestIdSchema,
    x_test_info: fileInfoSchema,
    force_reupload: z.boolean().nullish().describe('Never answer 409; default false'),
  })
  .meta({
    id: 'PrepareTestSetUploadRequest',
    examples: [
      { fitted_train_set_id: '0b9d7c52-7b0e-4f6e-9a4e-9a7f1c2d3e4f', x_test_info: { format: 'csv' } },
    ],
  })

export type PrepareTestSetUploadRequest = z.infer<typeof prepareTestSetUploadRequestSchema>

export const prepareTestSetUploadResponseSchema = z
  .object({ test_set_upload_id: responseIdSchema, x_test_info: fileUploadInfoSchema })
  .meta({ id: 'PrepareTestSetUploadResponse' })

export type PrepareTestSetUploadResponse = z.infer<typeof prepareTestSetUploadResponseSchema>
