/** A column ready for the model: numbers, or the codes 0..k-1 of a categorical column. */
export interface NumericColumn {
  name: string
  /** NaN = missing (for a categorical column also a category that the fit did not see). */
  values: Float64Array
  categorical: boolean
  /** Whether the values are places of texts in their order: equal values are equal texts. Default false. */
  text?: boolean
}

/** These rows of every column, in this order. */
export function takeColumnRows(columns: readonly NumericColumn[], rows: Int32Array): NumericColumn[] {
  return columns.map((column) => ({
    ...column,
    values: Float64Array.from(rows, (row) => column.values[row]!),
  }))
}

/** Numeric columns of one length, in the order that the model sees. */
export interface NumericTable {
  rowCount: number
  columns: NumericColumn[]
}
