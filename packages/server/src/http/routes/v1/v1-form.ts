import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { AppError } from '../../../domain/app-error.ts'
import type { StagedFile, StagedFiles } from '../../../domain/direct/staged-files.ts'
import { readForm } from '../../multipart/read-form.ts'
import { validated } from '../../validate.ts'

/** A form of the first version: its part `data`, checked, and its files. */
export interface V1Form<Data, Name extends string> {
  data: Data
  files: Partial<Record<Name, StagedFile>>
  /** Drop the files that did not become part of an upload. */
  discard(): Promise<void>
}

/** @throws AppError as readForm; REQUEST_VALIDATION_ERROR for fields of `data` */
export async function readV1Form<S extends z.ZodType, Name extends string>(
  request: FastifyRequest,
  spec: { schema: S; files: readonly Name[] },
  staged: StagedFiles,
): Promise<V1Form<z.output<S>, Name>> {
  const form = await readForm(request, { json: 'data', files: spec.files, format: csvOnly }, staged)
  const discard = () => staged.discard(Object.values<StagedFile | undefined>(form.files).filter((f) => !!f))
  try {
    return { data: validated(spec.schema, form.json), files: form.files, discard }
  } catch (error) {
    await discard()
    throw error
  }
}

/** The error for a form without a file that it must have. */
export function missingFile(what: string): AppError {
  return new AppError('MALFORMED_MULTIPART', { params: { reason: `${what}.` } })
}

/** The first version knows nothing else; what is not CSV is found when it is read. */
function csvOnly(_file: MultipartFile): 'csv' {
  return 'csv'
}
