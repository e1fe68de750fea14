/**
 * A predictor without a model, for tests of everything around it: reads plain CSV and Parquet, answers from class frequencies or the
 * mean of the target, keeps its context on disk like the engine, and gives the same answer every time.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Label, Task } from '@posterior/contracts'
import { cellValue, readTable, type Table, TableError } from '@posterior/tabular'
import { tableOf } from '../adapters/engine/inline-table.ts'
import { AppError } from '../domain/app-error.ts'
import type {
  AnswerAsked,
  AnswerResult,
  AnswerWork,
  DiscoverWork,
  ForecastResult,
  ForecastWork,
  GraphResult,
  NumbersResult,
} from '../domain/ports/answerer.ts'
import type {
  FitResult,
  FitWork,
  ModelInfo,
  OnTableRead,
  PredictionValues,
  Predictor,
  PredictResult,
  PredictWork,
  ResolvedOptions,
  TableFile,
  TableLimits,
  ThinkingReport,
  ThinkingWork,
} from '../domain/ports/predictor.ts'

interface FakeContext {
  task: Task
  columns: string[]
  classes: Label[]
  shares: number[]
  mean: number
  options: ResolvedOptions
  thinking?: ThinkingReport
}

export interface FakeOptions {
  /** How long a fit takes. */
  fitMs?: number
  /** How long a prediction takes. */
  predictMs?: number
}

const DEFAULTS: ResolvedOptions = {
  estimators: 4,
  randomState: 0,
  categoricalColumns: null,
  ignoreTrainedRange: true,
  softmaxTemperature: 0.9,
  averageBeforeSoftmax: false,
  balanceProbabilities: false,
}

const DECILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

export class FakePredictor implements Predictor {
  /** May be changed between calls. */
  options: FakeOptions
  /** Fits and predictions that were carried out. */
  readonly calls = { fit: 0, predict: 0, answer: 0 }
  /** The model that the last question was for. */
  lastModel: AnswerWork['model'] | undefined
  /** Set to make every following call fail with it. */
  failure: Error | undefined

  constructor(options: FakeOptions = {}) {
    this.options = options
  }

  async models(): Promise<ModelInfo[]> {
    return [
      { name: 'fake', version: '1', tasks: ['classification', 'regression'] },
      { name: 'other', version: '1', tasks: ['regression'] },
    ]
  }

  async fit(work: FitWork, signal: AbortSignal, onRead?: OnTableRead): Promise<FitResult> {
    this.calls.fit++
    if (this.failure) throw this.failure
    const x = await read(work.x, work.limits)
    const y = await read(work.y, work.limits)
    if (x.rows.length !== y.rows.length) {
      const reason = `x has ${x.rows.length} rows and y has ${y.rows.length}.`
      throw new AppError('ROW_COUNT_MISMATCH', { params: { reason } })
    }
    if (work.thinking && x.rows.length < work.thinking.minRows) {
      const message = `Thinking needs ${work.thinking.minRows} rows; this table has ${x.rows.length}.`
      throw new AppError('REQUEST_VALIDATION_ERROR', { message, errors: [{ field: 'thinking', message }] })
    }
    onRead?.({ rows: x.rows.length, columns: x.columns.length })
    await delay(this.options.fitMs ?? 0, undefined, { signal })
    const labels = y.rows.map(([cell]) =>
      typeof cell === 'string' && !y.isTyped ? toLabel(cell) : (cell ?? ''),
    )
    const classes = work.task === 'classification' ? sorted(new Set(labels)) : []
    const context: FakeContext = {
      task: work.task,
      columns: x.columns,
      classes,
      shares: classes.map((label) => labels.filter((other) => other === label).length / labels.length),
      mean: labels.reduce<number>((sum, label) => sum + Number(label), 0) / labels.length,
      options: { ...DEFAULTS, ...work.options },
      ...(work.thinking && { thinking: reportOf(work.thinking) }),
    }
    const temporary = `${work.contextPath}.new`
    await mkdir(temporary, { recursive: true })
    await writeFile(`${temporary}/context.json`, JSON.stringify(context))
    await rename(temporary, work.contextPath)
    return {
      trainRows: x.rows.length,
      columns: x.columns.length,
      classes: work.task === 'classification' ? classes : null,
    }
  }

  async predict(work: PredictWork, signal: AbortSignal, onRead?: OnTableRead): Promise<PredictResult> {
    this.calls.predict++
    if (this.failure) throw this.failure
    const context = JSON.parse(await readFile(`${work.contextPath}/context.json`, 'utf8')) as FakeContext
    const x = 'table' in work.x ? asFake(tableOf(work.x).table) : await read(work.x, work.limits)
    if (x.columns.length !== context.columns.length) {
      const reason = `${context.columns.length} columns expected, ${x.columns.length} came.`
      throw new AppError('WRONG_COLUMNS', { params: { reason } })
    }
    onRead?.({ rows: x.rows.length, columns: x.columns.length })
    await delay(this.options.predictMs ?? 0, undefined, { signal })
    return {
      rows: x.rows.length,
      columns: x.columns.length,
      options: { ...context.options, ...work.options },
      warnings: [],
      ...(context.thinking && { thinking: context.thinking }),
      values: answer(context, work, x.rows.length),
      timings: { wait: 0, data: 0.001, model: (this.options.predictMs ?? 0) / 1000 },
    }
  }

  async answer(work: AnswerWork, signal: AbortSignal): Promise<AnswerResult> {
    this.calls.answer++
    this.lastModel = work.model
    if (this.failure) throw this.failure
    await delay(this.options.predictMs ?? 0, undefined, { signal })
    const { rows } = work.query
    if (work.task === 'regression') return numbersAround(meanOf(work.y), rows, work)
    const classes = [...new Set(work.y)].sort((a, b) => a - b)
    const shares = classes.map((label) => work.y.filter((other) => other === label).length / work.y.length)
    return {
      task: 'classification',
      classes,
      labels: new Array<number>(rows).fill(classes[shares.indexOf(Math.max(...shares))]!),
      probabilities: Float64Array.from(
        { length: rows * classes.length },
        (_, i) => shares[i % shares.length]!,
      ),
      warnings: [],
    }
  }

  async forecast(work: ForecastWork, signal: AbortSignal): Promise<ForecastResult> {
    this.calls.answer++
    this.lastModel = work.model
    if (this.failure) throw this.failure
    await delay(this.options.predictMs ?? 0, undefined, { signal })
    const known = work.history.filter((value) => !Number.isNaN(value))
    return {
      ...numbersAround(meanOf(known), work.horizon, work),
      season: work.season ?? null,
      lags: work.lags ?? 8,
    }
  }

  /** Each column causes the next. */
  async discover({ model, x: { columns } }: DiscoverWork): Promise<GraphResult> {
    this.calls.answer++
    this.lastModel = model
    if (this.failure) throw this.failure
    const probabilities = Float64Array.from({ length: columns ** 2 }, (_, i) => {
      const [from, to] = [Math.floor(i / columns), i % columns]
      return from === to ? 0 : to === from + 1 ? 0.75 : 0.125
    })
    return { columns, probabilities, warnings: [] }
  }

  async close(): Promise<void> {}
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The same number for every row, with quantiles of a width of one. */
function numbersAround(mean: number, rows: number, { levels, withBars }: AnswerAsked): NumbersResult {
  const all = new Float64Array(rows).fill(mean)
  const bars = {
    borders: Float64Array.of(mean - 1, mean, mean + 1),
    logits: new Float64Array(rows * 2).fill(Math.log(0.5)),
  }
  return {
    task: 'regression',
    mean: all,
    median: all,
    quantiles: levels.map((level) => all.map((value) => value + level - 0.5)),
    ...(withBars && { bars }),
    warnings: [],
  }
}

/** A search that tried the default and kept it. */
function reportOf({ effort, seconds, metric = 'log_loss' }: ThinkingWork): ThinkingReport {
  return {
    effort,
    metric,
    isHigherBetter: false,
    candidates: 1,
    folds: 5,
    score: 0.5,
    baselineScore: 0.5,
    chosen: [{ weight: 1, settings: {} }],
    temperature: 1,
    seconds,
  }
}

function answer(context: FakeContext, work: PredictWork, rows: number): PredictionValues {
  const levels = work.quantiles ?? DECILES
  const constant = (value: number, length = rows) => new Float64Array(length).fill(value)
  const quantiles = levels.map((level) => constant(context.mean + level - 0.5))
  const mean = constant(context.mean)
  const { classes, shares } = context
  switch (work.output) {
    case 'preds':
      return { output: 'preds', labels: Array.from({ length: rows }, () => classes[0]!) }
    case 'probas': {
      const probabilities = Float64Array.from(
        { length: rows * classes.length },
        (_, i) => shares[i % shares.length]!,
      )
      return { output: 'probas', classes, probabilities }
    }
    case 'quantiles':
      return { output: 'quantiles', quantiles }
    case 'main':
      return { output: 'main', mean, median: mean, mode: mean, quantiles }
    case 'full': {
      const bars = {
        logits: constant(Math.log(0.5), rows * 2),
        borders: Float64Array.of(context.mean - 1, context.mean, context.mean + 1),
      }
      return { output: 'full', mean, median: mean, mode: mean, quantiles, ...bars }
    }
    default:
      return { output: work.output, values: mean }
  }
}

interface FakeTable {
  columns: string[]
  rows: (Label | null)[][]
  /** Whether text that states a number is meant to be text. */
  isTyped: boolean
}

async function read(file: TableFile, limits: TableLimits): Promise<FakeTable> {
  const table = file.format === 'csv' ? await readLines(file) : await readParquet(file)
  const { rows } = table
  if (rows.length > limits.maxRows) {
    const message = `The table has ${rows.length} rows; the limit is ${limits.maxRows}. ${limits.rowsNote ?? ''}`
    throw new AppError('LIMIT_EXCEEDED', { message: message.trim() })
  }
  return table
}

async function readLines(file: TableFile): Promise<FakeTable> {
  const lines = (await readFile(file.path, 'utf8')).split('\n').filter((line) => line !== '')
  const [columns = [], ...rows] = lines.map((line) => line.split(','))
  return { columns, rows, isTyped: false }
}

async function readParquet(file: TableFile): Promise<FakeTable> {
  const table = await readTable(file).catch((error: unknown) => {
    throw error instanceof TableError
      ? new AppError('PARQUET_INVALID', { params: { reason: error.message }, cause: error })
      : error
  })
  return asFake(table)
}

function asFake(table: Table): FakeTable {
  const rows = Array.from({ length: table.rowCount }, (_, row) =>
    table.columns.map((column) => cellValue(column, row)),
  )
  return { columns: table.columns.map((column) => column.name), rows, isTyped: true }
}

function toLabel(cell: string): Label {
  const number = Number(cell)
  return cell !== '' && Number.isFinite(number) ? number : cell
}

function sorted(labels: Set<Label>): Label[] {
  return [...labels].sort((a, b) => (a < b ? -1 : 1))
}
