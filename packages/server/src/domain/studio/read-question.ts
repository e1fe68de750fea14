/** A question of the Predict API, from its body to what is asked: which task, and which numbers. */
import type { BrainInputs, StudioPredictSettings, StudioTask } from '@posterior/contracts'
import { AppError, invalidField } from '../app-error.ts'
import type { NumberRows } from '../ports/answerer.ts'
import { type RowLimits, readList, readRows, widthOfFirst } from './number-rows.ts'
import { readFlips, readGroups } from './pack-rows.ts'
import { isSeries, readSeries, refuseForecastFields } from './read-series.ts'

/** What answers: the model, and what it was made for. */
export interface AnswerTarget {
  model: { name: string } | { folder: string }
  /** Name for answers and messages. */
  name: string
  /** What a brain takes; absent: whatever the question is. */
  inputs?: BrainInputs
  /** Where causal discovery is done instead, for those who ask for it here. */
  view?: string
}

/** The tables as they came; what they hold is not checked yet. */
export interface QuestionTables {
  context?: unknown
  query?: unknown
  /** Whether the body asks for a causal graph. */
  isDiscovery?: boolean
}

interface Noted {
  /** What the caller should know about how the question was understood. */
  notes?: readonly string[]
}

export interface RowsQuestion extends Noted {
  kind: 'rows'
  task: 'regression' | 'classification'
  x: NumberRows
  y: Float64Array
  query: NumberRows
}

export interface SeriesQuestion extends Noted {
  kind: 'series'
  history: Float64Array
  horizon: number
  lags?: number
  /** Absent: found in the history. */
  season?: number
  layout: 'general' | 'studio' | 'calendar'
}

export type Question = RowsQuestion | SeriesQuestion

/** Limits of the context and of the rows to answer. */
export interface QuestionLimits {
  context: RowLimits
  query: (contextRows: number) => RowLimits
}

/** A question being read. */
export interface Asked {
  context: Record<string, unknown>
  query: Record<string, unknown>
  settings: StudioPredictSettings
  target: AnswerTarget
  limits: QuestionLimits
}

const ANY_VIEW = '/projects/<project>/runs/<run>'

/**
 * Read and check a question.
 *
 * @throws AppError FEATURE_COUNT_MISMATCH, LENGTH_MISMATCH, REQUEST_VALIDATION_ERROR, NO_ROWS, BAD_VALUE, LIMIT_EXCEEDED,
 *   DISCOVERY_NOT_HERE
 */
export async function readQuestion(
  tables: QuestionTables,
  settings: StudioPredictSettings,
  target: AnswerTarget,
  limits: QuestionLimits,
): Promise<Question> {
  if (tables.isDiscovery || target.inputs?.task === 'discovery') {
    throw new AppError('DISCOVERY_NOT_HERE', { params: { view: target.view ?? ANY_VIEW } })
  }
  const context = objectOf(tables.context, 'context')
  const query = isGiven(tables.query) ? objectOf(tables.query, 'query') : {}
  const asked: Asked = { context, query, settings, target, limits }
  if (target.inputs?.kind === 'flips') {
    checkTask('classification', settings, target)
    refuseForecastFields(settings)
    return withKnownClasses(await readFlips(asked), target)
  }
  if (isSeries(asked)) {
    checkTask('time_series', settings, target)
    return readSeries(asked)
  }
  refuseForecastFields(settings)
  return readLabelled(asked)
}

async function readLabelled(asked: Asked): Promise<RowsQuestion> {
  const { context, query, settings, target, limits } = asked
  const task = isGiven(context['labels']) ? 'classification' : 'regression'
  checkTask(task, settings, target)
  const field = task === 'classification' ? 'labels' : 'y'
  if (task === 'classification' && isGiven(context['y'])) {
    throw invalidField('context.y', 'send either this or context.labels')
  }
  const { inputs } = target
  // A width of its own is said before what else is wrong: forms redraw themselves by it.
  const width = inputs?.kind === 'groups' ? groupWidth(context['x']) : (inputs?.d_in ?? undefined)
  const x = await readRows(context['x'], 'context.x', limits.context, width)
  const cells = task === 'classification' ? 'whole' : 'finite'
  const y = readList(context[field], `context.${field}`, limits.context.maxRows, cells)
  if (y.length !== x.rows) throw lengthMismatch(`context.${field}`)
  const rows = await readRows(query['x'], 'query.x', limits.query(x.rows), x.columns)
  const question: RowsQuestion = { kind: 'rows', task, x, y, query: rows }
  if (inputs?.kind === 'groups') return readGroups(question, inputs, settings.random_state ?? 0)
  return withKnownClasses(question, target)
}

/** Samples of a prior of groups have the number within the group as a second column. */
function groupWidth(x: unknown): 1 | 2 {
  return widthOfFirst(x) === 2 ? 2 : 1
}

/** The error of a context with more or fewer targets than rows. */
export function lengthMismatch(second: string): AppError {
  return new AppError('LENGTH_MISMATCH', { params: { first: 'context.x', second } })
}

/** A brain knows as many classes as the largest task that it has learned from. */
function withKnownClasses(question: RowsQuestion, { inputs, name }: AnswerTarget): RowsQuestion {
  const most = inputs?.classes?.[1]
  if (most === undefined || question.task !== 'classification') return question
  const count = new Set(question.y).size
  if (count <= most) return question
  throw invalidField('context.labels', `has ${count} different labels; ${name} tells at most ${most} apart`)
}

const FIELDS: Readonly<Record<StudioTask, string>> = {
  regression: 'context.y',
  classification: 'context.labels',
  time_series: 'horizon',
}

function checkTask(task: StudioTask, settings: StudioPredictSettings, { inputs, name }: AnswerTarget): void {
  const wanted = settings.task ?? task
  // Rows of lags with their targets are a regression; the caller may call it a series.
  const isSame = (a: string, b: string) => a === b || (task === 'regression' && a === 'time_series')
  if (!isSame(wanted, task)) {
    throw invalidField('task', `is "${wanted}", which needs ${FIELDS[wanted]}; this looks like ${task}`)
  }
  if (inputs?.task === 'discovery') throw new Error('a brain of graphs was asked about rows')
  if (inputs && !isSame(inputs.task, task)) {
    throw invalidField(
      'context',
      `asks for ${task}; ${name} does ${inputs.task}: send ${FIELDS[inputs.task]}`,
    )
  }
}

/** Whether a field is there; null stands for one that is not. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  const problem = isGiven(value) ? 'must be' : 'is missing; it must be'
  throw invalidField(name, `${problem} an object such as {"x": [[1, 2]]}`)
}
