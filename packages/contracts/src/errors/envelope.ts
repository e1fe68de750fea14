/**
 * The one error body. Three shapes were published for this API (generated client models, `ErrorResponse`,
 * `ValidationError`); this superset satisfies all of them, so every client finds the field it reads.
 */
import { z } from 'zod'
import { type ErrorCode, errorEntry } from './catalogue.ts'

/** One invalid field: a path such as `task_config.tabpfn_config.n_estimators`, and what is wrong with it. */
export const fieldErrorSchema = z
  .object({ field: z.string(), message: z.string() })
  .meta({ id: 'FieldError', description: 'One invalid field' })

export type FieldError = z.infer<typeof fieldErrorSchema>

export const errorEnvelopeSchema = z
  .object({
    message: z.string().min(1).describe('What went wrong and what to do, for a person'),
    error_code: z.string().describe('Code of the error catalogue, stable'),
    trace_id: z.guid().nullable().describe('Finds the request in the log of the server'),
    detail: z.string().min(1).describe('Same text as message'),
    code: z.string().describe('Family of the error, such as error.not_found or validation.failed'),
    retryable: z.boolean().describe('Whether the same request may succeed later'),
    support: z.string().describe('URL of the description of this error'),
    errors: z.array(fieldErrorSchema).describe('Invalid fields; empty unless the status is 422'),
  })
  .meta({ id: 'Error', description: 'The body of every answer that is not a success' })

export type ErrorEnvelope = z.infer<typeof errorEnvelopeSchema>

/** What a 409 of a prepare call carries beside the envelope. */
export const duplicateTrainSetSchema = errorEnvelopeSchema
  .extend({ train_set_upload_id: z.uuid() })
  .meta({ id: 'DuplicateTrainSet', description: 'The training set is already there' })

export const duplicateTestSetSchema = errorEnvelopeSchema
  .extend({ test_set_upload_id: z.uuid() })
  .meta({ id: 'DuplicateTestSet', description: 'The test set is already there' })

/** A failure after the answer had started with status 200 (long fits keep the connection alive with whitespace). */
export const streamedErrorSchema = errorEnvelopeSchema
  .extend({ _streamed_error: z.literal(true), status_code: z.int() })
  .meta({
    id: 'StreamedError',
    description: 'A failure in an answer that had already started with status 200',
  })

/** What `errorEnvelope` needs beside the code. */
export interface EnvelopeParts {
  message: string
  traceId: string | null
  /** Absolute URL of the error reference, without a fragment. */
  supportUrl: string
  errors?: readonly FieldError[]
}

/** The body for `code`; `errors` is kept only for 422 answers, as the published schema has it. */
export function errorEnvelope(code: ErrorCode, parts: EnvelopeParts): ErrorEnvelope {
  const entry = errorEntry(code)
  return {
    message: parts.message,
    error_code: code,
    trace_id: parts.traceId,
    detail: parts.message,
    code: entry.family,
    retryable: entry.retryable,
    support: `${parts.supportUrl}#${code.toLowerCase()}`,
    errors: entry.status === 422 ? [...(parts.errors ?? [])] : [],
  }
}
