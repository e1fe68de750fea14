import type { FieldError } from '@posterior/contracts'

/** The files cannot be read, as a whole (`archive`) or because of what fields in them hold (`fields`); the message is for the user. */
export class ProjectError extends Error {
  override name = 'ProjectError'
  readonly kind: 'archive' | 'fields'
  /** What is to blame: `body` for an archive, else `PATH: FIELD`. */
  readonly errors: readonly FieldError[]

  private constructor(
    kind: ProjectError['kind'],
    message: string,
    details: { errors: readonly FieldError[]; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.errors = details.errors
  }

  /** An archive, or a file in one, that cannot be read; `reason` is the end of a sentence. */
  static archive(reason: string, cause?: unknown): ProjectError {
    return new ProjectError('archive', reason, { errors: [{ field: 'body', message: reason }], cause })
  }

  /** Fields that hold what they may not; there is at least one. */
  static fields(errors: readonly FieldError[]): ProjectError {
    const listed = errors.slice(0, 3).map(({ field, message }) => `${field}: ${message}`)
    const rest = errors.length > 3 ? ` (and ${errors.length - 3} more)` : ''
    return new ProjectError('fields', `${listed.join('; ')}${rest}`, { errors })
  }
}
