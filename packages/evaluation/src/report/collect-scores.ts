/**
 * Brings the judged model's results and those of the baselines together: one value per dataset, seeds averaged. Only the same
 * splits are compared: a method that lacks some is not ranked, and stands beside the judged model on those that both have.
 */
import type { BaselineResult } from '../data/baselines.ts'
import type { SplitResult } from '../run/evaluate-split.ts'
import { mean, type ScoreTable } from '../statistics/score-table.ts'
import type { Metric } from './metrics.ts'

/** Own value and the other method's, by dataset: means over the same splits, and how many these are. */
export type PairedScores = ReadonlyMap<string, readonly [own: number, other: number, splits: number]>

/** A metric by method; the judged model comes first. */
export interface CollectedScores {
  metric: Metric
  /** Methods with a value on every split of the judged model. */
  complete: ScoreTable
  /** Every other method on the splits that it shares with the judged model, complete ones first. */
  pairs: ReadonlyMap<string, PairedScores>
}

/**
 * Splits on which the judged model has no value (a test part with one class has no AUC) are left out for all.
 *
 * @param own results of one task
 */
export function collectScores(
  name: string,
  metric: Metric,
  own: readonly SplitResult[],
  baselines: readonly BaselineResult[],
): CollectedScores {
  const splits = own.flatMap(({ dataset, seed, metrics }) => {
    const value = metrics[metric.key]
    return value === undefined || Number.isNaN(value)
      ? []
      : [{ dataset, key: splitKey(dataset, seed), value }]
  })
  const datasets = [...new Set(splits.map(({ dataset }) => dataset))].sort()
  const judged = datasets.map((name) => mean(splits.flatMap((s) => (s.dataset === name ? [s.value] : []))))
  const complete = new Map([[name, judged]])
  const pairs: [string, PairedScores][] = []
  for (const [method, values] of groupByMethod(baselines, metric.key)) {
    const shared = splits.filter(({ key }) => values.has(key))
    if (shared.length === 0) continue
    const paired = new Map(
      datasets.flatMap((dataset) => {
        const both = shared.filter((split) => split.dataset === dataset)
        if (both.length === 0) return []
        const own = mean(both.map(({ value }) => value))
        const other = mean(both.map(({ key }) => values.get(key)!))
        return [[dataset, [own, other, both.length]]] as const
      }),
    )
    pairs.push([method, paired])
    if (shared.length === splits.length)
      complete.set(
        method,
        datasets.map((d) => paired.get(d)![1]),
      )
  }
  const completeFirst = [true, false].flatMap((wanted) =>
    pairs.filter(([method]) => complete.has(method) === wanted),
  )
  return {
    metric,
    complete: {
      methods: [...complete.keys()],
      datasets,
      values: [...complete.values()].map((values) => Float64Array.from(values)),
      higherIsBetter: metric.higherIsBetter,
    },
    pairs: new Map(completeFirst),
  }
}

function groupByMethod(baselines: readonly BaselineResult[], key: string): Map<string, Map<string, number>> {
  const methods = new Map<string, Map<string, number>>()
  for (const row of baselines) {
    const value = row[key]
    if (typeof value !== 'number') continue
    const values = methods.get(row.model) ?? new Map<string, number>()
    methods.set(row.model, values.set(splitKey(row.dataset, row.seed), value))
  }
  return methods
}

function splitKey(dataset: string, seed: number): string {
  return `${dataset}\n${seed}`
}
