/** A question of the Predict API, from its body to what is asked: which task, and which numbers. */
import type { StudioPredictSettings } from '@posterior/contracts'
import { AppError, invalidField } from '../app-error.ts'
import type { NumberRows } from '../ports/answerer.ts'
import { type RowLimits, readList, readRows, wrongWidth } from './number-rows.ts'

/** What answers: the model, and what it was made for. */
export interface AnswerTarget {
  model: { name: string } | { folder: string }
  /** Name for answers and messages. */
  name: string
  /** Features of every row; absent: any number. */
  width?: number
  /** The one task that it does; absent: whichever the question is. */
  task?: 'regression' | 'classification' | 'time_series'
  /** Steps of the season that a model for series was trained with. */
  season?: number
}

/** The tables as they came; what they hold is not checked yet. */
export interface QuestionTables {
  context?: unknown
  query?: unknown
}

export type Question =
  | {
      kind: 'rows'
      task: 'regression' | 'classification'
      x: NumberRows
      y: Float64Array
      query: NumberRows
    }
  | { kind: 'series'; history: Float64Array; horizon: number; lags?: number }

/** Limits of the context and of the rows to answer. */
export interface QuestionLimits {
  context: RowLimits
  query: (contextRows: number) => RowLimits
}

/** Columns of a row of lags beside the lags. */
const STEP_COLUMNS = 3

/**
 * Read and check a question.
 *
 * @throws AppError FEATURE_COUNT_MISMATCH, LENGTH_MISMATCH, REQUEST_VALIDATION_ERROR, NO_ROWS, BAD_VALUE, LIMIT_EXCEEDED
 */
export async function readQuestion(
  tables: QuestionTables,
  settings: StudioPredictSettings,
  target: AnswerTarget,
  limits: QuestionLimits,
): Promise<Question> {
  const context = objectOf(tables.context, 'context')
  const query = tables.query === undefined || tables.query === null ? {} : objectOf(tables.query, 'query')
  if (isSeries(context, settings, target)) return readSeries(context, query, { settings, target, limits })
  refuseForecastFields(settings)
  const task = context.labels === undefined || context.labels === null ? 'regression' : 'classification'
  checkTask(task, settings, target)
  const field = task === 'classification' ? 'labels' : 'y'
  if (task === 'classification' && context.y !== undefined && context.y !== null) {
    throw invalidField('context.y', 'send either this or context.labels')
  }
  const x = await readRows(context.x, 'context.x', limits.context, target.width)
  const cells = task === 'classification' ? 'whole' : 'finite'
  const y = readList(context[field], `context.${field}`, limits.context.maxRows, cells)
  if (y.length !== x.rows) {
    const params = { first: 'context.x', second: `context.${field}` }
    throw new AppError('LENGTH_MISMATCH', { params })
  }
  const asked = await readRows(query.x, 'query.x', limits.query(x.rows), x.columns)
  return { kind: 'rows', task, x, y, query: asked }
}

/** A series comes as one column, or as targets without rows. Rows that are engineered already are rows like any other. */
function isSeries(
  context: Record<string, unknown>,
  { task, horizon }: StudioPredictSettings,
  target: AnswerTarget,
): boolean {
  const hasRows = context.x !== undefined && context.x !== null
  if (!hasRows) return context.labels === undefined || context.labels === null
  const hasTargets = context.y !== undefined && context.y !== null
  const isColumn = widthOfFirst(context.x) === 1
  if (!isColumn) return false
  if (task === 'time_series' || (horizon !== undefined && horizon !== null)) return !hasTargets
  return target.task === 'time_series' && (target.width ?? 2) > 1
}

function widthOfFirst(x: unknown): number {
  const first: unknown = Array.isArray(x) ? x[0] : undefined
  return Array.isArray(first) ? first.length : 1
}

async function readSeries(
  context: Record<string, unknown>,
  query: Record<string, unknown>,
  {
    settings,
    target,
    limits,
  }: { settings: StudioPredictSettings; target: AnswerTarget; limits: QuestionLimits },
): Promise<Question> {
  const { task, horizon } = settings
  if (
    task !== 'time_series' &&
    (horizon === undefined || horizon === null) &&
    target.task !== 'time_series'
  ) {
    throw invalidField('context.x', 'is missing; a series without rows needs task "time_series" or a horizon')
  }
  checkTask('time_series', settings, target)
  const { maxRows } = limits.context
  const fromRows = context.x !== undefined && context.x !== null
  if (fromRows && context.y !== undefined && context.y !== null) {
    throw invalidField('context.y', 'repeats the series of context.x; send it once')
  }
  const history = fromRows
    ? (await readRows(context.x, 'context.x', limits.context, 1)).values
    : readList(context.y, 'context.y', maxRows, 'any')
  const asked = Array.isArray(query.x) ? query.x.length : undefined
  if (horizon && asked !== undefined && asked !== horizon) {
    throw invalidField('horizon', `is ${horizon}, and query.x has ${asked} rows; send one of the two`)
  }
  const steps = horizon ?? asked
  if (!steps) throw invalidField('horizon', 'is missing: the number of steps to forecast')
  const lags = lagsOf(settings, target)
  return { kind: 'series', history, horizon: steps, ...(lags !== undefined && { lags }) }
}

/** A model of fixed width decides the lags. */
function lagsOf({ lags }: StudioPredictSettings, { width }: AnswerTarget): number | undefined {
  if (width === undefined) return lags ?? undefined
  const own = width - STEP_COLUMNS
  if (own < 1) throw wrongWidth(width, STEP_COLUMNS + 1)
  if (lags !== undefined && lags !== null && lags !== own) {
    throw invalidField('lags', `must be ${own} for this model, or be left out`)
  }
  return own
}

function checkTask(
  task: 'regression' | 'classification' | 'time_series',
  settings: StudioPredictSettings,
  target: AnswerTarget,
): void {
  const wanted = settings.task ?? task
  // Rows of lags with their targets are a regression; the caller may call it a series.
  const isSame = (a: string, b: string) => a === b || (task === 'regression' && a === 'time_series')
  if (!isSame(wanted, task)) {
    const fields = { regression: 'context.y', classification: 'context.labels', time_series: 'horizon' }
    throw invalidField('task', `is "${wanted}", which needs ${fields[wanted]}; this looks like ${task}`)
  }
  if (target.task && !isSame(target.task, task)) {
    throw invalidField('context', `asks for ${task}; ${target.name} does ${target.task}`)
  }
}

const FORECAST_FIELDS = ['horizon', 'season', 'lags', 'paths'] as const

function refuseForecastFields(settings: StudioPredictSettings): void {
  for (const field of FORECAST_FIELDS) {
    if (settings[field] === undefined || settings[field] === null) continue
    throw invalidField(
      field,
      'applies to a series alone: send it as one column in context.x, or in context.y without context.x',
    )
  }
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  const problem = value === undefined || value === null ? 'is missing; it must be' : 'must be'
  throw invalidField(name, `${problem} an object such as {"x": [[1, 2]]}`)
}
