import type { Config } from './config.ts'
import type { Limits } from './domain/limits.ts'

/** The limits that the settings ask for. */
export function limitsOf(config: Config): Limits {
  return {
    model: {
      train_set_max_rows: config.maxTrainRows,
      train_set_max_cells: config.maxTrainCells,
      train_set_max_upload_cells: config.maxTrainCells,
      test_set_max_rows: config.maxTestRows,
      test_set_max_cells: config.maxTestCells,
      max_cols: config.maxColumns,
      max_classes: config.maxClasses,
      test_set_max_rows_w_full_regression_output: config.maxFullRows,
      predict_row_pairs_budget: config.maxRowPairs,
    },
    maxFileBytes: config.maxUploadBytes,
  }
}

/** Values that the JSON of one prediction may hold: every cell that tables may have, and as many again for the rows. */
export function inlineValues({ model }: Limits): number {
  return 2 * (model.train_set_max_cells + model.train_set_max_rows + model.test_set_max_cells)
}
