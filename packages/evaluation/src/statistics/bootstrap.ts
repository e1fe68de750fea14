/**
 * Percentile intervals by resampling datasets (Efron 1979): how much a figure would vary had other datasets of the same kind
 * been chosen. It says nothing of the noise within a dataset beyond what differs between datasets.
 */
import { Random } from '@posterior/tabular'
import { quantile } from './score-table.ts'

/** Lower and upper end. */
export type Interval = readonly [number, number]

/** Fewer datasets than this have no interval: resampling them says next to nothing. */
export const FEWEST_DATASETS = 4

export interface BootstrapOptions {
  draws: number
  seed: number
  /** Share of the draws between the ends; default 0.95. */
  level?: number
}

/**
 * @param count      how many datasets there are
 * @param statistic  values from the numbers of the drawn datasets; always as many
 * @returns one interval per value, NaN where `count` is below FEWEST_DATASETS
 */
export function bootstrap(
  count: number,
  statistic: (rows: Int32Array) => ArrayLike<number>,
  { draws, seed, level = 0.95 }: BootstrapOptions,
): Interval[] {
  const random = Random.fromSeed('bootstrap', seed)
  const width = statistic(Int32Array.from({ length: count }, (_, i) => i)).length
  if (count < FEWEST_DATASETS) return Array.from({ length: width }, () => [Number.NaN, Number.NaN])
  const drawn = Array.from({ length: width }, () => new Float64Array(draws))
  for (let draw = 0; draw < draws; draw++) {
    const values = statistic(Int32Array.from({ length: count }, () => random.int(0, count)))
    for (const [k, column] of drawn.entries()) column[draw] = values[k]!
  }
  const tail = (1 - level) / 2
  return drawn.map((column) => [quantile(column, tail), quantile(column, 1 - tail)])
}
