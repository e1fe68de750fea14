/** Everything that the report says, as data: what `report.json` holds, and what Markdown and plots are drawn from. */
import type { BaselineProtocol, BaselineResult } from '../data/baselines.ts'
import type { DatasetInfo, Task } from '../data/datasets.ts'
import type { SplitResult } from '../run/evaluate-split.ts'
import type { RunProtocol } from '../run/results-file.ts'
import type { BootstrapOptions } from '../statistics/bootstrap.ts'
import { joinTables, mean, selectMethods } from '../statistics/score-table.ts'
import { type Bin, compareByBin } from './bins.ts'
import { type CollectedScores, collectScores } from './collect-scores.ts'
import { type LeaderboardRow, rankMethods } from './leaderboard.ts'
import { METRICS, type Metric, TASKS } from './metrics.ts'
import { comparePairs, type Pair } from './pairs.ts'

/** Methods that bins compare with, where they have results on all datasets: the simplest, a common one, a strong one. */
const BIN_METHODS = ['linear', 'rf', 'catboost']

/** One metric of one task. */
export interface MetricReport {
  task: Task
  metric: Metric
  leaderboard: LeaderboardRow[]
  pairs: Pair[]
  /** Empty for metrics without a common unit. */
  bins: Bin[]
  /** Per dataset, each complete method's value. */
  methods: readonly string[]
  rows: { dataset: string; trainRows: number; features: number; values: number[] }[]
}

export interface QualityReport {
  run: RunProtocol
  seeds: number[]
  splits: {
    done: number
    /** Splits that gave the stored figure of the prior, and those that did not. */
    verified: number
    refuted: string[]
  }
  bootstrap: BootstrapOptions
  /** How the baselines that come with the project were made. */
  protocols: readonly BaselineProtocol[]
  /** Both tasks together, by the first metric of each; absent when there is one task, or no method beside the judged one. */
  overall: { datasets: number; leaderboard: LeaderboardRow[] } | undefined
  metrics: MetricReport[]
  /** Means over all datasets of the measures that no baseline has, by name. */
  extras: Record<string, number>
}

export interface ReportInput {
  run: RunProtocol
  results: readonly SplitResult[]
  datasets: readonly DatasetInfo[]
  baselines: readonly BaselineResult[]
  protocols: readonly BaselineProtocol[]
  bootstrap: BootstrapOptions
}

/** Judge results; the same input gives the same report. */
export function buildReport(input: ReportInput): QualityReport {
  const { run, results, protocols, bootstrap } = input
  const scores = TASKS.map((task) => collectTask(task, input))
  const tables = scores.flatMap(([first]) =>
    first && first.complete.datasets.length > 0 ? [first.complete] : [],
  )
  const shared = tables.reduce<readonly string[]>(
    (names, { methods }) => names.filter((name) => methods.includes(name)),
    tables[0]?.methods ?? [],
  )
  const joined =
    tables.length > 1 && shared.length > 1
      ? joinTables(tables.map((table) => selectMethods(table, shared)))
      : undefined
  return {
    run,
    seeds: [...new Set(results.map(({ seed }) => seed))].sort((a, b) => a - b),
    splits: {
      done: results.length,
      verified: results.filter(({ verified }) => verified === true).length,
      refuted: results
        .filter(({ verified }) => verified === false)
        .map(({ dataset, seed }) => `${dataset}, seed ${seed}`),
    },
    bootstrap,
    protocols,
    overall: joined && {
      datasets: joined.datasets.length,
      leaderboard: rankMethods(joined, false, bootstrap),
    },
    metrics: scores.flatMap((ofTask, t) =>
      ofTask
        .filter(({ complete }) => complete.datasets.length > 0)
        .map((collected) => reportMetric(TASKS[t]!, collected, input)),
    ),
    extras: Object.fromEntries(
      ['fit_seconds', 'predict_seconds', 'coverage80', 'coverage90'].flatMap((name) => {
        const values = results.flatMap(({ metrics }) => (name in metrics ? [metrics[name]!] : []))
        return values.length > 0 ? [[name, mean(values)]] : []
      }),
    ),
  }
}

function collectTask(task: Task, { run, results, baselines }: ReportInput): CollectedScores[] {
  const own = results.filter((result) => result.task === task)
  return METRICS[task].map((metric) => collectScores(run.model, metric, own, baselines))
}

function reportMetric(task: Task, scores: CollectedScores, input: ReportInput): MetricReport {
  const { bootstrap } = input
  const { complete, metric } = scores
  const infos = new Map(input.datasets.map((info) => [info.name, info]))
  const trainRows = new Map(input.results.map((result) => [result.dataset, result.trainRows]))
  return {
    task,
    metric,
    leaderboard:
      metric.isRanked && complete.methods.length > 1 ? rankMethods(complete, metric.hasMean, bootstrap) : [],
    pairs: comparePairs(scores, bootstrap),
    bins: metric.hasMean ? compareByBin(scores, task, BIN_METHODS, { infos, trainRows, bootstrap }) : [],
    methods: complete.methods,
    rows: complete.datasets.map((dataset, i) => ({
      dataset,
      trainRows: trainRows.get(dataset)!,
      features: infos.get(dataset)!.features,
      values: complete.values.map((column) => column[i]!),
    })),
  }
}
