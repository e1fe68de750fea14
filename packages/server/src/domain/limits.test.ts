import { expect, test } from 'vitest'
import { type Limits, testTableLimits, trainTableLimits } from './limits.ts'

const limits: Limits = {
  maxFileBytes: 1,
  model: {
    train_set_max_rows: 1_000,
    train_set_max_cells: 5_000,
    train_set_max_upload_cells: 5_000,
    test_set_max_rows: 500,
    test_set_max_cells: 9_000,
    max_cols: 30,
    max_classes: 10,
    test_set_max_rows_w_full_regression_output: 40,
    predict_row_pairs_budget: 100_000,
  },
}

test('a fit is limited in rows, columns, cells and classes', () => {
  expect(trainTableLimits(limits)).toEqual({
    maxRows: 1_000,
    maxColumns: 30,
    maxCells: 5_000,
    maxClasses: 10,
  })
})

test('a prediction has the least of the row limits, and says which one', () => {
  const rows = (trainRows: number, isFull = false) => testTableLimits(limits, { trainRows, isFull })
  expect(rows(100)).toMatchObject({ maxRows: 500, maxColumns: 30, maxCells: 9_000 })
  expect(rows(1_000)).toMatchObject({
    maxRows: 100,
    rowsNote: expect.stringContaining('fitted on 1000 rows'),
  })
  expect(rows(100, true)).toMatchObject({ maxRows: 40, rowsNote: expect.stringContaining('"full"') })
  expect(rows(10_000, true)).toMatchObject({ maxRows: 10, rowsNote: expect.stringContaining('10000 rows') })
  expect(rows(200_000).maxRows).toBe(1)
})
