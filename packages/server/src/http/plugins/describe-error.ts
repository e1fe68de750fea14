/** From anything that was thrown to an `AppError`, in one place. */
import { type FieldError, MAX_JSON_BODY_BYTES } from '@posterior/contracts'
import type { FastifyError } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { AppError } from '../../domain/app-error.ts'

/** Field errors listed in the message; all of them are in `errors`. */
const MAX_IN_MESSAGE = 3

/** The `AppError` that tells the caller what happened; a bug becomes GENERAL_ERROR with the bug as its cause. */
export function describeError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (hasZodFastifySchemaValidationErrors(error)) return describeValidation(error.validation)
  const { code, statusCode, message } = (error ?? {}) as Partial<FastifyError>
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new AppError('UNSUPPORTED_MEDIA_TYPE', {
        params: { contentType: mediaType(message) },
        cause: error,
      })
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes: MAX_JSON_BODY_BYTES }, cause: error })
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new AppError('MALFORMED_JSON', { params: { reason: 'it is empty.' }, cause: error })
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new AppError('MALFORMED_JSON', { params: { reason: sentence(message) }, cause: error })
  }
  if (error instanceof SyntaxError && statusCode === 400) {
    return new AppError('MALFORMED_JSON', { params: { reason: sentence(message) }, cause: error })
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AppError('MALFORMED_REQUEST', { params: { reason: sentence(message) }, cause: error })
  }
  return new AppError('GENERAL_ERROR', { cause: error })
}

interface Issue {
  instancePath: string
  message?: string | undefined
  keyword: string
  params: Record<string, unknown>
}

/** One 422 for all invalid fields; unknown keys are named one by one. */
export function describeValidation(issues: readonly unknown[]): AppError {
  const errors = (issues as Issue[]).flatMap(toFieldErrors)
  const listed = errors.slice(0, MAX_IN_MESSAGE).map(({ field, message }) => `${field}: ${message}`)
  const rest = errors.length > MAX_IN_MESSAGE ? ` (and ${errors.length - MAX_IN_MESSAGE} more)` : ''
  return new AppError('REQUEST_VALIDATION_ERROR', { message: `${listed.join('; ')}${rest}`, errors })
}

function toFieldErrors(issue: Issue): FieldError[] {
  const path = issue.instancePath.split('/').filter((part) => part !== '')
  const { keys } = issue.params
  if (issue.keyword === 'unrecognized_keys' && Array.isArray(keys)) {
    const message = issue.message?.startsWith('Unrecognized') === false ? issue.message : 'unknown field'
    return keys.map((key) => ({ field: [...path, String(key)].join('.') || '""', message }))
  }
  const meant = issue.keyword === 'invalid_union' ? meantForm(issue.params['errors']) : undefined
  if (meant) return meant.flatMap((inner) => toFieldErrors(beneath(path, inner)))
  return [{ field: path.join('.') || 'body', message: lowerFirst(issue.message ?? 'is not valid') }]
}

/** An issue of zod inside one form of a union. */
interface InnerIssue {
  code: string
  message: string
  path: readonly (string | number)[]
}

/** The form of a union that was meant: the one whose errors lie inside the value, not in what kind of value it is. */
function meantForm(forms: unknown): readonly InnerIssue[] | undefined {
  if (!Array.isArray(forms)) return undefined
  return (forms as InnerIssue[][]).find((issues) => issues.every(({ path }) => path.length > 0))
}

function beneath(path: readonly string[], { code, message, path: inner, ...params }: InnerIssue): Issue {
  return { instancePath: [...path, ...inner].join('/'), message, keyword: code, params }
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

function sentence(text: string | undefined): string {
  return text ? `${text.replace(/\.$/, '')}.` : 'unknown reason.'
}

/** Fastify puts the content type at the end of its message. */
function mediaType(message: string | undefined): string {
  return /: (.+)$/.exec(message ?? '')?.[1] ?? 'none'
}
