/** One metric of several methods over datasets: what ranks, win rates and ratings are made from. */

/** `values[method][dataset]`; every value is a number. */
export interface ScoreTable {
  methods: readonly string[]
  datasets: readonly string[]
  values: readonly Float64Array[]
  higherIsBetter: boolean
}

/** 1, 0.5 or 0 for a better, equal or worse value. Values that agree in six significant digits, as stored, are equal. */
export function winOf(a: number, b: number, higherIsBetter: boolean): number {
  const [x, y] = [Number(a.toPrecision(6)), Number(b.toPrecision(6))]
  if (x === y) return 0.5
  return x > y === higherIsBetter ? 1 : 0
}

/** The mean of each method over some datasets. @param rows numbers of datasets, repeats allowed */
export function means({ values }: ScoreTable, rows: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (column) => mean(pick(column, rows)))
}

/** The median of each method over some datasets. */
export function medians({ values }: ScoreTable, rows: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (column) => quantile(pick(column, rows), 0.5))
}

/** One table of the datasets of several, which share their methods; values are turned so that higher is better. */
export function joinTables(tables: readonly ScoreTable[]): ScoreTable {
  const methods = tables[0]!.methods
  return {
    methods,
    datasets: tables.flatMap(({ datasets }) => datasets),
    values: methods.map((_, m) =>
      Float64Array.from(
        tables.flatMap(({ values, higherIsBetter }) =>
          Array.from(values[m]!, (value) => (higherIsBetter ? value : -value)),
        ),
      ),
    ),
    higherIsBetter: true,
  }
}

/** The table with some of its methods, in their order. */
export function selectMethods(table: ScoreTable, methods: readonly string[]): ScoreTable {
  return { ...table, methods, values: methods.map((name) => table.values[table.methods.indexOf(name)]!) }
}

/** NaN without values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996); NaN without values. */
export function quantile(values: ArrayLike<number>, level: number): number {
  const sorted = Float64Array.from(values).sort()
  const at = level * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  if (low === undefined || high === undefined) return Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

function pick(column: Float64Array, rows: ArrayLike<number>): Float64Array {
  return Float64Array.from(rows, (row) => column[row]!)
}
