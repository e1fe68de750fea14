import { AppError } from '../../domain/app-error.ts'

/** SQLITE_CONSTRAINT_FOREIGNKEY: the row that a new row belongs to is not there. */
const FOREIGN_KEY = 787

/**
 * For `.catch` of an insert: its parent row was deleted between the moment it was looked up and now, which the caller is
 * told as NOT_FOUND; anything else is thrown on.
 */
export function notFoundWithoutParent(what: string): (error: unknown) => never {
  return (error) => {
    const { errcode } = error as { errcode?: number }
    throw errcode === FOREIGN_KEY ? new AppError('NOT_FOUND', { params: { what }, cause: error }) : error
  }
}
