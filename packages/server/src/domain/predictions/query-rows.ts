/**
 * Rows to predict, wherever they are: in a test set that was uploaded, or in the request itself. Those of a request are
 * predicted from memory and kept nowhere, which is what makes one row cost little more than the model.
 */
import { createHash } from 'node:crypto'
import type { ErrorCode } from '@posterior/contracts'
import { AppError, invalidField } from '../app-error.ts'
import type { InlineTable, PredictWork, TableLimits } from '../ports/predictor.ts'
import type { Fit } from '../ports/stores.ts'
import type { UploadFiles } from '../uploads/files.ts'

/** A table that came with the request, and what it is called there. */
export interface GivenRows {
  table: InlineTable
  field: string
}

export type AskedRows = { testSetUploadId: string; field: string } | GivenRows

/** Most cells of a table that is predicted from memory: it is made in the process that answers everybody. */
export const MAX_GIVEN_CELLS = 65_536

/** Rows whose owner is known. */
export interface QueryRows {
  /** Equal for equal rows. */
  key: string
  /** What a charge for them is about: the id of the test set, else of the fit. */
  subject: string
  /** @throws AppError UPLOAD_INCOMPLETE, UPLOAD_HASH_MISMATCH */
  open(): Promise<PredictWork['x']>
  /** @throws AppError NOT_FOUND when they have been deleted since */
  requireThere(): Promise<void>
}

/**
 * The rows of an upload.
 *
 * @throws AppError NOT_FOUND, UPLOAD_INCOMPLETE; REQUEST_VALIDATION_ERROR when they belong to another fit
 */
export async function uploadedRows(
  files: UploadFiles,
  fit: Fit,
  { testSetUploadId, field }: { testSetUploadId: string; field: string },
): Promise<QueryRows> {
  const find = () => files.requireComplete(fit.accountId, testSetUploadId, 'test')
  const upload = await find()
  if (upload.fittedTrainSetId !== fit.id) {
    throw invalidField(field, `belongs to the fitted model ${upload.fittedTrainSetId}`)
  }
  return {
    key: testSetUploadId,
    subject: testSetUploadId,
    open: async () => {
      const { x } = await files.open(upload)
      if (!x) throw new Error(`test set upload ${upload.id} lacks its file`)
      return x
    },
    requireThere: async () => {
      await find()
    },
  }
}

/**
 * The rows of the request itself.
 *
 * @throws AppError NO_ROWS, NO_COLUMNS; LIMIT_EXCEEDED, before memory is taken for a table
 */
export function givenRows(fit: Fit, { table, field }: GivenRows, limits: TableLimits): QueryRows {
  const { rows, columns } = sizeOf(table, limits.maxColumns)
  const refuse = (code: ErrorCode, message: string) =>
    new AppError(code, { message, errors: [{ field, message }] })
  if (rows === 0) throw refuse('NO_ROWS', `${field} has no rows; at least one must be sent.`)
  if (columns === 0)
    throw refuse('NO_COLUMNS', `The rows of ${field} are empty; send the columns of the fit.`)
  const tooMany = (what: string, count: number | string, limit: number, advice: string) =>
    refuse('LIMIT_EXCEEDED', `${field} has ${count} ${what}; at most ${limit} are accepted. ${advice}`)
  if (columns > limits.maxColumns) {
    throw tooMany('columns', `more than ${limits.maxColumns}`, limits.maxColumns, 'Send those of the fit.')
  }
  if (rows > limits.maxRows) throw tooMany('rows', rows, limits.maxRows, limits.rowsNote ?? '')
  const cells = rows * columns
  if (cells > MAX_GIVEN_CELLS) {
    throw tooMany('cells', cells, MAX_GIVEN_CELLS, 'Send the rows in pieces, or upload them as a test set.')
  }
  return {
    key: createHash('sha256').update(JSON.stringify(table)).digest('hex'),
    subject: fit.id,
    open: async () => ({ table, field }),
    requireThere: async () => {},
  }
}

/** Columns are counted only until they are too many: rows that share no name would make a table of squared size. */
function sizeOf(table: InlineTable, maxColumns: number): { rows: number; columns: number } {
  if ('rows' in table) return { rows: table.rows.length, columns: table.rows[0]?.length ?? 0 }
  const names = new Set<string>()
  for (const record of table.records) {
    for (const name of Object.keys(record)) names.add(name)
    if (names.size > maxColumns) break
  }
  return { rows: table.records.length, columns: names.size }
}
