import { expect, test } from 'vitest'
import { z } from 'zod'
import { ERRORS, type ErrorCode, errorEntry, errorMessage, isErrorCode } from './catalogue.ts'
import { errorEnvelope, errorEnvelopeSchema } from './envelope.ts'
import { renderErrorReference } from './reference.ts'

const codes = Object.keys(ERRORS) as ErrorCode[]
const parts = { message: 'no', traceId: null, supportUrl: 'http://localhost/errors' }

test.each(codes)('%s has a status of a failure and a meaning', (code) => {
  const entry = errorEntry(code)
  expect(entry.status).toBeGreaterThanOrEqual(400)
  expect(entry.meaning.length).toBeGreaterThan(10)
})

test('5xx is kept for the server itself, and only those can be worth a retry', () => {
  for (const code of codes) {
    const { status, retryable } = errorEntry(code)
    if (retryable) expect([503, 429]).toContain(status)
  }
})

test('an envelope carries the fields of all three published shapes', () => {
  const envelope = errorEnvelope('NOT_FOUND', { ...parts, message: 'Fitted model not found.' })
  expect(errorEnvelopeSchema.parse(envelope)).toEqual({
    message: 'Fitted model not found.',
    detail: 'Fitted model not found.',
    error_code: 'NOT_FOUND',
    code: 'error.not_found',
    trace_id: null,
    retryable: false,
    support: 'http://localhost/errors#not_found',
    errors: [],
  })
})

/** As they were published; each is closed to nothing, because clients of each ignore what they do not know. */
const PUBLISHED = {
  'the quickstart': z.object({
    message: z.string().min(1),
    error_code: z.string().min(1),
    trace_id: z.uuid().nullable(),
    detail: z.string().nullable(),
  }),
  ErrorResponse: z.object({
    code: z.string().regex(/^[a-z]+(\.[a-z_]+)+$/),
    detail: z.string().min(1),
    retryable: z.boolean(),
    support: z.url(),
  }),
  ValidationError: z.object({
    code: z.literal('validation.failed'),
    detail: z.string().min(1),
    errors: z.array(z.object({ field: z.string().min(1), message: z.string().min(1) })).min(1),
    retryable: z.literal(false),
    support: z.url(),
  }),
}

test.each(codes)('%s is valid in each published shape', (code) => {
  const errors = [{ field: 'task', message: 'is missing' }]
  const traceId = '6f1c1f0e-4a52-4d0b-8a0e-0c3f5f6f2b57'
  const envelope = errorEnvelope(code, { ...parts, traceId, errors })
  expect(() => PUBLISHED['the quickstart'].parse(envelope)).not.toThrow()
  expect(() => PUBLISHED.ErrorResponse.parse(envelope)).not.toThrow()
  if (errorEntry(code).status === 422) expect(() => PUBLISHED.ValidationError.parse(envelope)).not.toThrow()
})

test('field errors are sent with status 422 alone', () => {
  const errors = [{ field: 'task', message: 'required' }]
  expect(errorEnvelope('REQUEST_VALIDATION_ERROR', { ...parts, errors }).errors).toEqual(errors)
  expect(errorEnvelope('UNAUTHORIZED', { ...parts, errors }).errors).toEqual([])
})

test('a message is filled from its parameters, and a missing one is an error', () => {
  expect(errorMessage('NOT_FOUND', { what: 'Upload 7' })).toBe('Upload 7 not found.')
  expect(() => errorMessage('NOT_FOUND')).toThrow('needs the parameter "what"')
})

test('only codes of the catalogue are codes', () => {
  expect(isErrorCode('NOT_FOUND')).toBe(true)
  expect(isErrorCode('toString')).toBe(false)
})

test('the reference page has a section for every code', () => {
  const page = renderErrorReference()
  for (const code of codes) expect(page).toContain(`\n## ${code}\n`)
})
