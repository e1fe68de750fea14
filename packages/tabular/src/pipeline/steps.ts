/**
 * The steps that a member of an ensemble may take between the encoded columns and the model. Each is learned from the
 * member's training rows, kept as plain JSON, and applied by one function to training rows and to rows to predict, one row
 * at a time: a row's result never depends on the other rows.
 */
import type { NumericColumn } from '../table/numeric-table.ts'
import { applyScaling, type Scaling } from './scaling.ts'

/** Plain JSON. */
export type PipelineStep =
  /** Append the product of each pair of columns, each divided by its spread. */
  | { step: 'products'; pairs: [number, number][]; spreads: number[] }
  /** Replace each column by its scalings, an empty list = as it is; with `keepsOriginal` append them instead. */
  | { step: 'scale'; scalings: Scaling[][]; keepsOriginal: boolean }
  /** Append principal components of these columns: sums of ((x - mean) / spread) × weight, missing = mean. */
  | { step: 'components'; columns: number[]; means: number[]; spreads: number[]; weights: number[][] }
  /** These categorical columns are numbers from here on. */
  | { step: 'as-numbers'; columns: number[] }
  /** Categorical columns with a count > 0 become a 0/1 column per category, two categories one column; missing: all 0. */
  | { step: 'one-hot'; counts: number[] }
  /** Beyond `low` and `high` values go on as a logarithm, in units of `spreads`; spread 0 = leave the column. */
  | { step: 'limit-outliers'; low: number[]; high: number[]; spreads: number[] }

/** Apply one step. */
export function applyStep(step: PipelineStep, columns: readonly NumericColumn[]): readonly NumericColumn[] {
  switch (step.step) {
    case 'products':
      return [...columns, ...step.pairs.map((pair) => product(pair, step.spreads, columns))]
    case 'scale':
      return scale(step, columns)
    case 'components':
      return [...columns, ...components(step, columns)]
    case 'as-numbers':
      return columns.map((column, j) =>
        step.columns.includes(j) ? { ...column, categorical: false } : column,
      )
    case 'one-hot':
      return columns.flatMap((column, j) => oneHot(column, step.counts[j]!))
    case 'limit-outliers':
      return columns.map((column, j) => limitOutliers(column, step, j))
  }
}

function product(
  [a, b]: [number, number],
  spreads: readonly number[],
  columns: readonly NumericColumn[],
): NumericColumn {
  const left = columns[a]!
  const right = columns[b]!
  const divisor = (spreads[a] || 1) * (spreads[b] || 1)
  const values = left.values.map((x, row) => (x / divisor) * right.values[row]!)
  return { name: `${left.name} × ${right.name}`, values, categorical: false }
}

function scale(
  { scalings, keepsOriginal }: { scalings: Scaling[][]; keepsOriginal: boolean },
  columns: readonly NumericColumn[],
): NumericColumn[] {
  const scaled = (column: NumericColumn, scaling: Scaling) => ({
    ...column,
    values: column.values.map((x) => applyScaling(scaling, x)),
    categorical: false,
  })
  if (!keepsOriginal) {
    return columns.flatMap((column, j) =>
      scalings[j]!.length === 0 ? [column] : scalings[j]!.map((scaling) => scaled(column, scaling)),
    )
  }
  const copies = columns.flatMap((column, j) =>
    scalings[j]!.map((scaling) => ({ ...scaled(column, scaling), name: `${column.name} scaled` })),
  )
  return [...columns, ...copies]
}

function components(
  step: { columns: number[]; means: number[]; spreads: number[]; weights: number[][] },
  columns: readonly NumericColumn[],
): NumericColumn[] {
  const rows = columns[0]!.values.length
  return step.weights.map((weights, k) => {
    const values = new Float64Array(rows)
    step.columns.forEach((j, i) => {
      const source = columns[j]!.values
      const factor = weights[i]! / step.spreads[i]!
      const mean = step.means[i]!
      for (let row = 0; row < rows; row++) {
        const x = source[row]!
        // A missing or infinite value says nothing about a direction that many columns share.
        if (Number.isFinite(x)) values[row]! += (x - mean) * factor
      }
    })
    return { name: `component ${k + 1}`, values, categorical: false }
  })
}

function oneHot(column: NumericColumn, count: number): NumericColumn[] {
  if (count === 0) return [column]
  const codes = count === 2 ? [1] : Array.from({ length: count }, (_, code) => code)
  return codes.map((code) => ({
    name: `${column.name} = ${code}`,
    values: column.values.map((x) => (x === code ? 1 : 0)),
    categorical: true,
  }))
}

function limitOutliers(
  column: NumericColumn,
  { low, high, spreads }: { low: number[]; high: number[]; spreads: number[] },
  j: number,
): NumericColumn {
  const spread = spreads[j]!
  if (!(spread > 0)) return column
  const values = column.values.map((x) => {
    if (x < low[j]!) return low[j]! - spread * Math.log1p((low[j]! - x) / spread)
    if (x > high[j]!) return high[j]! + spread * Math.log1p((x - high[j]!) / spread)
    return x
  })
  return { ...column, values }
}
