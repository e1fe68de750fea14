/**
 * Rows to predict, wherever they are: in a test set that was uploaded, or in the request itself. Those of a request are
 * predicted from memory and kept nowhere, which is what makes one row cost little more than the model.
 */
import { createHash } from 'node:crypto'
import { invalidField } from '../app-error.ts'
import { checkInlineTable } from '../direct/inline-table.ts'
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
  checkInlineTable(table, field, { ...limits, maxCells: Math.min(limits.maxCells, MAX_GIVEN_CELLS) })
  return {
    key: createHash('sha256').update(JSON.stringify(table)).digest('hex'),
    subject: fit.id,
    open: async () => ({ table, field }),
    requireThere: async () => {},
  }
}
