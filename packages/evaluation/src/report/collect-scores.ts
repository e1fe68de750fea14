/** Brings the judged model's results and those of the baselines together: one value per dataset, seeds averaged. */
import type { BaselineResult } from '../data/baselines.ts'
import type { SplitResult } from '../run/evaluate-split.ts'
import { mean, type ScoreTable } from '../statistics/score-table.ts'
import type { Metric } from './metrics.ts'

/** Value of each dataset that a method covers. */
export type ScoresByDataset = ReadonlyMap<string, number>

/** A metric by method; the judged model comes first. */
export interface CollectedScores {
  metric: Metric
  /** Methods with a value on every dataset of the judged model. */
  complete: ScoreTable
  /** Methods with a value on some of them only. */
  partial: ReadonlyMap<string, ScoresByDataset>
}

/**
 * A baseline counts on a dataset when it has all seeds that the judged model has there, so that both are means over the
 * same splits. Datasets on which the judged model has no value (a test part with one class has no AUC) are left out.
 *
 * @param own results of one task
 */
export function collectScores(
  name: string,
  metric: Metric,
  own: readonly SplitResult[],
  baselines: readonly BaselineResult[],
): CollectedScores {
  const seeds = new Map<string, Map<number, number>>()
  for (const { dataset, seed, metrics } of own) {
    const bySeed = seeds.get(dataset) ?? new Map<number, number>()
    seeds.set(dataset, bySeed.set(seed, metrics[metric.key] ?? Number.NaN))
  }
  const judged = new Map([...seeds].map(([dataset, bySeed]) => [dataset, mean([...bySeed.values()])]))
  for (const [dataset, value] of judged) if (Number.isNaN(value)) judged.delete(dataset)
  const datasets = [...judged.keys()].sort()
  const stored = groupByMethod(baselines, metric.key)
  const complete = new Map<string, ScoresByDataset>([[name, judged]])
  const partial = new Map<string, ScoresByDataset>()
  for (const [method, values] of stored) {
    const covered = new Map<string, number>()
    for (const dataset of datasets) {
      const wanted = [...seeds.get(dataset)!.keys()].map((seed) => values.get(splitKey(dataset, seed)))
      if (wanted.every((value) => value !== undefined)) covered.set(dataset, mean(wanted as number[]))
    }
    if (covered.size === datasets.length && covered.size > 0) complete.set(method, covered)
    else if (covered.size > 0) partial.set(method, covered)
  }
  const methods = [...complete.keys()]
  const values = methods.map((method) => Float64Array.from(datasets, (d) => complete.get(method)!.get(d)!))
  return { metric, complete: { methods, datasets, values, higherIsBetter: metric.higherIsBetter }, partial }
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
