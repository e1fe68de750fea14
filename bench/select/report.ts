/** Prints results as one table per metric: a row per dataset, a column per model, and the mean below. */
import { BASELINE_MODELS, type BaselineResult, type Task } from './datasets.ts'

/** One fit and predict of the judged model; metrics by name. */
export interface ModelResult {
  dataset: string
  task: Task
  seed: number
  trainRows: number
  features: number
  metrics: Record<string, number>
}

interface Metric {
  key: string
  title: string
  digits: number
  higherIsBetter: boolean
  /** Whether the values of different datasets share a unit, so that their mean says something. */
  hasMean: boolean
}

const METRICS: Record<Task, readonly Metric[]> = {
  classification: [
    { key: 'auc', title: 'ROC AUC', digits: 4, higherIsBetter: true, hasMean: true },
    { key: 'logloss', title: 'log loss', digits: 4, higherIsBetter: false, hasMean: true },
    { key: 'accuracy', title: 'accuracy', digits: 4, higherIsBetter: true, hasMean: true },
  ],
  regression: [
    { key: 'r2', title: 'R2', digits: 4, higherIsBetter: true, hasMean: true },
    { key: 'rmse', title: 'RMSE', digits: 4, higherIsBetter: false, hasMean: false },
    { key: 'mae', title: 'MAE', digits: 4, higherIsBetter: false, hasMean: false },
    { key: 'crps', title: 'CRPS', digits: 4, higherIsBetter: false, hasMean: false },
  ],
}

const TIMES: readonly Metric[] = [
  { key: 'fit_seconds', title: 'fit, seconds', digits: 2, higherIsBetter: false, hasMean: true },
  { key: 'predict_seconds', title: 'predict, seconds', digits: 2, higherIsBetter: false, hasMean: true },
]

/** All tables of one task, as text; empty when there is no result of that task. */
export function formatReport(
  name: string,
  task: Task,
  results: readonly ModelResult[],
  baselines: readonly BaselineResult[],
): string {
  const own = results.filter((result) => result.task === task)
  if (own.length === 0) return ''
  return [...METRICS[task], ...TIMES].map((metric) => formatMetric(name, metric, own, baselines)).join('\n')
}

/**
 * Mean of one metric over datasets (each dataset's seeds averaged first); NaN when a dataset has no value.
 */
export function meanOverDatasets(results: readonly ModelResult[], key: string): number {
  const names = [...new Set(results.map(({ dataset }) => dataset))]
  const values = names.map((name) =>
    mean(results.filter(({ dataset }) => dataset === name).map(({ metrics }) => metrics[key] ?? Number.NaN)),
  )
  return mean(values)
}

function formatMetric(
  name: string,
  metric: Metric,
  results: readonly ModelResult[],
  baselines: readonly BaselineResult[],
): string {
  const names = [...new Set(results.map(({ dataset }) => dataset))].sort()
  const rows = names.map((dataset) => {
    const own = results.filter((result) => result.dataset === dataset)
    const seeds = new Set(own.map(({ seed }) => seed))
    const stored = BASELINE_MODELS.map((model) => {
      const values = baselines
        .filter((row) => row.dataset === dataset && row.model === model && seeds.has(row.seed))
        .map((row) => row[metric.key])
      return values.length === seeds.size ? mean(values.map(Number)) : Number.NaN
    })
    const { trainRows, features } = own[0]!
    return {
      label: `${dataset} (${trainRows} x ${features})`,
      values: [meanOverDatasets(own, metric.key), ...stored],
    }
  })
  const columns = [name, ...BASELINE_MODELS]
  const best = metric.higherIsBetter ? 'higher is better' : 'lower is better'
  const lines = [formatRow(`${metric.title}, ${best}`, columns)]
  for (const { label, values } of rows)
    lines.push(
      formatRow(
        label,
        values.map((value) => format(value, metric.digits)),
      ),
    )
  if (metric.hasMean) {
    const means = columns.map((_, j) => format(mean(rows.map(({ values }) => values[j]!)), metric.digits))
    lines.push(formatRow('mean', means))
  }
  const beaten = BASELINE_MODELS.map((_, j) =>
    String(rows.filter(({ values }) => isBetter(values[0]!, values[j + 1]!, metric)).length),
  )
  const isScored = !TIMES.includes(metric) && rows.some(({ values }) => !Number.isNaN(values[1]!))
  if (isScored) {
    lines.push(formatRow(`sets where ${name} is better`, ['', ...beaten]))
  }
  return `${lines.join('\n')}\n`
}

function isBetter(own: number, other: number, metric: Metric): boolean {
  return metric.higherIsBetter ? own > other : own < other
}

function formatRow(label: string, cells: readonly string[]): string {
  return [label.padEnd(38), ...cells.map((cell) => cell.padStart(11))].join(' ').trimEnd()
}

function format(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-'
  return Math.abs(value) >= 1e5 ? value.toPrecision(6) : value.toFixed(digits)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
