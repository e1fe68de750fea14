import type { z } from 'zod'
import { describeValidation } from './plugins/describe-error.ts'

/**
 * A value that did not come as the body of a JSON route, checked as if it had.
 *
 * @throws AppError REQUEST_VALIDATION_ERROR that names every invalid field
 */
export function validated<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw describeValidation(
    result.error.issues.map((issue) => ({
      instancePath: issue.path.map((key) => `/${String(key)}`).join(''),
      message: issue.message,
      keyword: issue.code,
      params: { ...issue },
    })),
  )
}
