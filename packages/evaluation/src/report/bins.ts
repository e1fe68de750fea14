/** Where the judged model stands by the shape of the table: rows, features, classes, categoricals, missing cells. */
import type { DatasetInfo, Task } from '../data/datasets.ts'
import type { BootstrapOptions } from '../statistics/bootstrap.ts'
import { mean, winOf } from '../statistics/score-table.ts'
import type { CollectedScores } from './collect-scores.ts'
import type { Estimate } from './leaderboard.ts'
import { estimateMean } from './pairs.ts'

/** One side of a table's shape and its bins; each bin holds values above the one before, up to its own bound. */
interface Dimension {
  title: string
  value: (dataset: DatasetInfo, trainRows: number) => number
  bins: readonly (readonly [label: string, upTo: number])[]
  task?: Task
}

const DIMENSIONS: readonly Dimension[] = [
  {
    title: 'training rows',
    value: (_, trainRows) => trainRows,
    bins: [
      ['up to 300', 300],
      ['301 to 1,000', 1000],
      ['1,001 to 2,000', 2000],
      ['2,001 to 5,000', 5000],
      ['5,001 to 10,000', 10_000],
      ['over 10,000', Infinity],
    ],
  },
  {
    title: 'features',
    value: ({ features }) => features,
    bins: [
      ['up to 10', 10],
      ['11 to 24', 24],
      ['25 to 50', 50],
      ['51 to 100', 100],
      ['over 100', Infinity],
    ],
  },
  {
    title: 'classes',
    value: ({ n_classes }) => n_classes ?? 0,
    bins: [
      ['2', 2],
      ['3 to 5', 5],
      ['6 to 10', 10],
      ['11 to 40', 40],
      ['over 40', Infinity],
    ],
    task: 'classification',
  },
  {
    title: 'categorical features',
    value: ({ categorical_columns, features }) => categorical_columns.length / features,
    bins: [
      ['none', 0],
      ['up to half', 0.5],
      ['more than half', 1],
    ],
  },
  {
    title: 'missing cells',
    value: ({ missing_fraction }) => missing_fraction,
    bins: [
      ['none', 0],
      ['up to 5 %', 0.05],
      ['more than 5 %', 1],
    ],
  },
]

/** One bin: means of the judged model and of the methods it is compared with. */
export interface Bin {
  dimension: string
  label: string
  datasets: string[]
  own: number
  others: {
    method: string
    mean: number
    /** Own minus other, turned so that above 0 the judged model is better. */
    advantage: Estimate
    /** Datasets on which the judged model is better, draws counted half. */
    wins: number
  }[]
}

/**
 * Bins that hold a dataset, for a metric with a common unit.
 *
 * @param against    methods to compare with; those that are not complete are left out
 * @param trainRows  training rows by dataset
 */
export function compareByBin(
  scores: CollectedScores,
  task: Task,
  against: readonly string[],
  {
    infos,
    trainRows,
    bootstrap,
  }: {
    infos: ReadonlyMap<string, DatasetInfo>
    trainRows: ReadonlyMap<string, number>
    bootstrap: BootstrapOptions
  },
): Bin[] {
  const { complete, metric } = scores
  const sign = metric.higherIsBetter ? 1 : -1
  const methods = against.filter((method) => complete.methods.indexOf(method) > 0)
  return DIMENSIONS.filter((dimension) => dimension.task === undefined || dimension.task === task).flatMap(
    ({ title, value, bins }) =>
      bins.flatMap(([label, upTo], b) => {
        const above = b === 0 ? -Infinity : bins[b - 1]![1]
        const rows = complete.datasets.flatMap((name, i) => {
          const size = value(infos.get(name)!, trainRows.get(name)!)
          return size > above && size <= upTo ? [i] : []
        })
        if (rows.length === 0) return []
        const own = rows.map((row) => complete.values[0]![row]!)
        const others = methods.map((method) => {
          const column = complete.values[complete.methods.indexOf(method)]!
          const other = rows.map((row) => column[row]!)
          return {
            method,
            mean: mean(other),
            advantage: estimateMean(
              own.map((a, i) => sign * (a - other[i]!)),
              bootstrap,
            ),
            wins: own.reduce((sum, a, i) => sum + winOf(a, other[i]!, metric.higherIsBetter), 0),
          }
        })
        const datasets = rows.map((row) => complete.datasets[row]!)
        return [{ dimension: title, label, datasets, own: mean(own), others }]
      }),
  )
}
