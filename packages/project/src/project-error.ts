import type { FieldError } from '@posterior/contracts'

/** Where in a project's files something is. */
export interface Place {
  /** Relative to the folder of the project, with `/`. */
  path: string
  /** From 1; null when it is about the file as a whole. */
  line: number | null
}

interface Details {
  errors: readonly FieldError[]
  place?: Place | undefined
  reason?: string
  cause?: unknown
}

/** The files cannot be read, as a whole (`archive`) or because of what fields in them hold (`fields`); the message is for the user. */
export class ProjectError extends Error {
  override name = 'ProjectError'
  readonly kind: 'archive' | 'fields'
  /** What is to blame: `body` for an archive, else `PATH: FIELD`. */
  readonly errors: readonly FieldError[]
  /** Of what is wrong in one file. */
  readonly place: Place | undefined
  /** The message without the place. */
  readonly reason: string

  private constructor(kind: ProjectError['kind'], message: string, details: Details) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.errors = details.errors
    this.place = details.place
    this.reason = details.reason ?? message
  }

  /** An archive that cannot be read; `reason` is the end of a sentence. */
  static archive(reason: string, cause?: unknown): ProjectError {
    return new ProjectError('archive', reason, { errors: [{ field: 'body', message: reason }], cause })
  }

  /** One file that cannot be read; `reason` is the end of a sentence that the file begins. */
  static file(place: Place, reason: string, cause?: unknown): ProjectError {
    const located = place.line === null ? reason : `${reason.replace(/\.$/, '')} (line ${place.line}).`
    const message = `${place.path} ${located}`
    return new ProjectError('archive', message, {
      errors: [{ field: 'body', message }],
      place,
      reason,
      cause,
    })
  }

  /** Fields that hold what they may not; there is at least one. */
  static fields(errors: readonly FieldError[]): ProjectError {
    const listed = errors.slice(0, 3).map(({ field, message }) => `${field}: ${message}`)
    const rest = errors.length > 3 ? ` (and ${errors.length - 3} more)` : ''
    return new ProjectError('fields', `${listed.join('; ')}${rest}`, { errors })
  }
}
