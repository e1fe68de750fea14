import { type ModelLimit, SHARE_LIMITS } from '@posterior/contracts'
import type { TableLimits } from './ports/predictor.ts'

/** What an installation allows; each of these is answered by the settings route and enforced. */
export interface Limits {
  model: ModelLimit
  /** Largest file of one upload, in bytes. */
  maxFileBytes: number
}

/** The limits of callers without an account, who ask through a share link. */
export function shareLimits(limits: Limits): Limits {
  const { model } = limits
  const rows = Math.min(model.train_set_max_rows, SHARE_LIMITS.context_rows)
  const query = Math.min(model.test_set_max_rows, SHARE_LIMITS.query_rows)
  return {
    ...limits,
    model: {
      ...model,
      train_set_max_rows: rows,
      train_set_max_cells: Math.min(model.train_set_max_cells, SHARE_LIMITS.cells),
      test_set_max_rows: query,
      test_set_max_cells: Math.min(model.test_set_max_cells, SHARE_LIMITS.cells),
      predict_row_pairs_budget: Math.min(model.predict_row_pairs_budget, rows * query),
    },
  }
}

/** Limits of the feature table of a fit. */
export function trainTableLimits(limits: Limits): TableLimits & { maxClasses: number } {
  const { model } = limits
  return {
    maxRows: model.train_set_max_rows,
    maxColumns: model.max_cols,
    maxCells: model.train_set_max_cells,
    maxClasses: model.max_classes,
  }
}

/**
 * Limits of the table of a prediction: the row limit shrinks with the training rows, so that the work (pairs of rows)
 * stays bounded, and again for the output that carries whole distributions.
 */
export function testTableLimits(
  limits: Limits,
  request: { trainRows: number; isFull: boolean },
): TableLimits {
  const { model } = limits
  const byPairs = Math.floor(model.predict_row_pairs_budget / Math.max(1, request.trainRows))
  const full = model.test_set_max_rows_w_full_regression_output
  const shared = { maxColumns: model.max_cols, maxCells: model.test_set_max_cells }
  if (request.isFull && full <= Math.min(model.test_set_max_rows, byPairs)) {
    return {
      ...shared,
      maxRows: full,
      rowsNote: 'This is the limit of output_type "full"; send the rows in pieces.',
    }
  }
  if (byPairs < model.test_set_max_rows) {
    const rowsNote = `This is the limit for a model fitted on ${request.trainRows} rows; send the rows in pieces.`
    return { ...shared, maxRows: Math.max(1, byPairs), rowsNote }
  }
  return { ...shared, maxRows: model.test_set_max_rows, rowsNote: 'Send the rows in pieces.' }
}
