/**
 * The error catalogue: every failure that a caller can meet, with its HTTP status, its wire names, whether trying
 * again can help, and the text of the reference page. A code is part of the contract: never renamed, never reused.
 * The entries are in `catalogue/`, one file per area.
 */
import { ACCOUNT_ERRORS } from './catalogue/accounts.ts'
import { DATA_ERRORS } from './catalogue/data.ts'
import type { ErrorEntry } from './catalogue/entry.ts'
import { FIT_ERRORS } from './catalogue/fits.ts'
import { METERING_ERRORS } from './catalogue/metering.ts'
import { REQUEST_ERRORS } from './catalogue/request.ts'
import { SERVER_ERRORS } from './catalogue/server.ts'
import { STUDIO_ERRORS } from './catalogue/studio.ts'
import { UPLOAD_ERRORS } from './catalogue/uploads.ts'

export type { ErrorEntry, ErrorFamily } from './catalogue/entry.ts'

/** All errors by their wire `error_code`. */
export const ERRORS = {
  ...ACCOUNT_ERRORS,
  ...REQUEST_ERRORS,
  ...UPLOAD_ERRORS,
  ...FIT_ERRORS,
  ...METERING_ERRORS,
  ...DATA_ERRORS,
  ...STUDIO_ERRORS,
  ...SERVER_ERRORS,
}

/** Wire value of `error_code`. */
export type ErrorCode = keyof typeof ERRORS

/** Codes of what can be wrong with the rows of a table. */
export const DATA_ERROR_CODES = Object.keys(DATA_ERRORS) as (keyof typeof DATA_ERRORS)[]

/** The entry of `code`. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return ERRORS[code]
}

/** Whether `value` is an `error_code` of the catalogue. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value)
}

/**
 * The message of `code` with `{name}` filled from `params`.
 *
 * @throws Error when the template names a parameter that is not given: a bug where the error is raised
 */
export function errorMessage(
  code: ErrorCode,
  params: Readonly<Record<string, string | number>> = {},
): string {
  return ERRORS[code].message.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`error ${code} needs the parameter "${name}"`)
    return String(value)
  })
}
