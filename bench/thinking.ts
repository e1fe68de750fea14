/**
 * Thinking against the default, on the fixed splits that `posterior bench quality` judges models on: the smallest tables
 * that thinking accepts, by training rows x features.
 *
 *   node bench/thinking.ts --data DIR --seconds 60 --tables 10 --seed 0
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  DEFAULT_THINKING_ROWS,
  type FitJob,
  type MainPrediction,
  Predictor,
  type ProbabilityPrediction,
  type QuantilePrediction,
  type ThinkingReport,
} from '@posterior/engine'
import { type Scores, scorePrediction } from '@posterior/evaluation'
import { dropColumns, findColumn, takeRows } from '@posterior/tabular'
import {
  type DatasetInfo,
  readDataset,
  readSelection,
  TARGET,
} from '../packages/evaluation/src/data/datasets.ts'
import { splitOf } from '../packages/evaluation/src/run/evaluate-split.ts'

const LEVELS = Array.from({ length: 99 }, (_, k) => (k + 0.5) / 99)

/** Metrics that are shown, and which way is better. */
const SHOWN = {
  classification: [
    ['auc', 'ROC AUC', 1],
    ['logloss', 'log loss', -1],
    ['accuracy', 'accuracy', 1],
  ],
  regression: [
    ['r2', 'R2', 1],
    ['crps', 'CRPS', -1],
  ],
} as const

interface Result {
  dataset: DatasetInfo
  plain: Scores
  thought: Scores
  report: ThinkingReport
  /** Seconds of predicting the test rows. */
  predictSeconds: readonly [number, number]
}

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', default: 'nano' },
    effort: { type: 'string', default: 'medium' },
    metric: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    tables: { type: 'string', default: '10' },
    seed: { type: 'string', default: '0' },
    threads: { type: 'string', default: '1' },
  },
})
const data = values.data ?? process.env['POSTERIOR_SELECT_DIR']
if (!data) throw new Error('bench/thinking.ts needs --data or POSTERIOR_SELECT_DIR.')

const seed = Number(values.seed)
const selection = readSelection(data)
const trainRows = ({ splits }: DatasetInfo) => splits.find((split) => split.seed === seed)?.train ?? 0
const cells = (dataset: DatasetInfo) => trainRows(dataset) * dataset.features
const chosen = selection.datasets
  .filter((dataset) => trainRows(dataset) >= DEFAULT_THINKING_ROWS)
  .sort((a, b) => cells(a) - cells(b))
  .slice(0, Number(values.tables))
const folder = mkdtempSync(join(tmpdir(), 'posterior-thinking-'))
const predictor = new Predictor({
  modelDirs: [fileURLToPath(new URL('../models', import.meta.url))],
  threads: Number(values.threads),
  contextCacheBytes: 0,
  maxFitBytes: 2 ** 31,
  maxFullRows: 0,
})
const results: Result[] = []
try {
  for (const dataset of chosen) {
    const result = await compare(dataset)
    results.push(result)
    const { candidates, folds, seconds, chosen: parts, temperature } = result.report
    console.error(
      `${dataset.name}: ${candidates} candidates on ${folds} folds in ${seconds.toFixed(0)} s; ` +
        `${parts.length} parts, temperature ${temperature.toFixed(2)}`,
    )
  }
} finally {
  await predictor.close()
  rmSync(folder, { recursive: true, force: true })
}
for (const task of ['classification', 'regression'] as const) print(task)

async function compare(dataset: DatasetInfo): Promise<Result> {
  const table = await readDataset(selection, dataset)
  const split = splitOf({ dataset, table, seed })
  const features = dropColumns(table, [TARGET])
  const labelled = { rowCount: table.rowCount, columns: [findColumn(table, TARGET)] }
  const truth = takeRows(labelled, split.test).columns[0]!
  const x = { table: takeRows(features, split.test) }
  const job: FitJob = {
    model: values.model,
    task: dataset.task,
    x: { table: takeRows(features, split.train) },
    y: { table: takeRows(labelled, split.train) },
    options: {
      categoricalColumns: dataset.categorical_columns.map((name) =>
        features.columns.findIndex((column) => column.name === name),
      ),
    },
    contextDir: join(folder, dataset.name),
  }
  await predictor.fit(job)
  const [plain, plainSeconds] = await scored(job, x, truth)
  const { metric } = values
  const summary = await predictor.fit({
    ...job,
    thinking: {
      effort: values.effort as 'medium' | 'high',
      seconds: Number(values.seconds),
      ...(metric !== undefined && { metric }),
    },
  })
  const [thought, thoughtSeconds] = await scored(job, x, truth)
  return {
    dataset,
    plain,
    thought,
    report: summary.thinking!,
    predictSeconds: [plainSeconds, thoughtSeconds],
  }
}

type Truth = Parameters<typeof scorePrediction>[1]

async function scored({ task, contextDir }: FitJob, x: FitJob['x'], truth: Truth): Promise<[Scores, number]> {
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  if (task === 'classification') {
    const probas = (await predictor.predict({ contextDir, x, output: 'probas' })) as ProbabilityPrediction
    return [scorePrediction(probas, truth), seconds()]
  }
  const mean = await predictor.predict({ contextDir, x, output: 'mean' })
  const taken = seconds()
  const asked = { contextDir, x, output: 'quantiles', quantiles: LEVELS } as const
  const quantiles = (await predictor.predict(asked)) as QuantilePrediction | MainPrediction
  return [{ ...scorePrediction(mean, truth), ...scorePrediction(quantiles, truth) }, taken]
}

function print(task: DatasetInfo['task']): void {
  const own = results.filter(({ dataset }) => dataset.task === task)
  if (own.length === 0) return
  const shown = SHOWN[task]
  console.log(`\n| ${task} | ${shown.map(([, title]) => `${title}: default | thinking`).join(' | ')} |`)
  console.log(`| --- |${shown.map(() => ' --- | --- |').join('')}`)
  const line = (name: string, cell: (key: keyof Scores, side: 'plain' | 'thought') => number) => {
    const cells = shown.flatMap(([key]) => [cell(key, 'plain'), cell(key, 'thought')].map(format))
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
  for (const result of own) line(result.dataset.name, (key, side) => result[side][key] ?? Number.NaN)
  // The CRPS is in the unit of each target.
  line('mean', (key, side) =>
    key === 'crps'
      ? Number.NaN
      : own.reduce((sum, result) => sum + (result[side][key] ?? Number.NaN), 0) / own.length,
  )
  for (const [key, title, sign] of shown) {
    const gains = own.map(({ plain, thought }) => sign * (thought[key]! - plain[key]!))
    const wins = gains.filter((gain) => gain > 0).length
    const losses = gains.filter((gain) => gain < 0).length
    console.log(`${title}: better on ${wins}, worse on ${losses}, equal on ${own.length - wins - losses}`)
  }
  const ratios = own.map(({ predictSeconds: [plain, thought] }) => thought / plain).sort((a, b) => a - b)
  console.log(`time of a prediction, thinking over default: median ${ratios[ratios.length >> 1]!.toFixed(1)}`)
}

function format(value: number): string {
  if (Number.isNaN(value)) return '-'
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(4)
}
