/**
 * A series: one column of past values in `context.x`, or a list of them in `context.y`, and how many steps to forecast.
 * Rows that are engineered already are rows like any other, and no series here.
 */
import type { StudioPredictSettings } from '@posterior/contracts'
import { invalidField } from '../app-error.ts'
import { readList, readRows, widthOfFirst, wrongWidth } from './number-rows.ts'
import type { AnswerTarget, Asked, SeriesQuestion } from './read-question.ts'

/** Columns of a row of lags beside the lags. */
const STEP_COLUMNS = 3

const isGiven = (value: unknown) => value !== undefined && value !== null

/** Whether the question is a series rather than labelled rows. */
export function isSeries({ context, settings: { task, horizon }, target }: Asked): boolean {
  const kind = target.inputs?.kind ?? 'series'
  if (kind === 'calendar') return true
  if (kind !== 'series') return false
  if (!isGiven(context['x'])) return !isGiven(context['labels'])
  if (widthOfFirst(context['x']) !== 1) return false
  if (target.inputs) return true
  return (task === 'time_series' || isGiven(horizon)) && !isGiven(context['y'])
}

/** @throws AppError as `readQuestion` */
export async function readSeries({
  context,
  query,
  settings,
  target,
  limits,
}: Asked): Promise<SeriesQuestion> {
  const { task, horizon } = settings
  const isNamed = task === 'time_series' || isGiven(horizon) || target.inputs !== undefined
  if (!isNamed) {
    throw invalidField('context.x', 'is missing; a series without rows needs task "time_series" or a horizon')
  }
  const fromRows = isGiven(context['x'])
  if (fromRows && isGiven(context['y'])) {
    throw invalidField('context.y', 'repeats the series of context.x; send it once')
  }
  const history = fromRows
    ? (await readRows(context['x'], 'context.x', limits.context, 1)).values
    : readList(context['y'], 'context.y', limits.context.maxRows, 'any')
  const steps = stepsOf(query, horizon)
  const lags = lagsOf(settings, target)
  const { season, notes } = seasonOf(settings, target)
  return {
    kind: 'series',
    history,
    horizon: steps,
    layout: layoutOf(target),
    ...(lags !== undefined && { lags }),
    ...(season !== undefined && { season }),
    notes,
  }
}

function layoutOf({ inputs }: AnswerTarget): SeriesQuestion['layout'] {
  if (!inputs) return 'general'
  return inputs.kind === 'calendar' ? 'calendar' : 'studio'
}

/** The horizon, or as many steps as there are rows to answer. */
function stepsOf(query: Record<string, unknown>, horizon: number | null | undefined): number {
  const rows = Array.isArray(query['x']) ? query['x'] : undefined
  if (rows && rows.length > 0 && widthOfFirst(rows) !== 1) {
    const advice = 'of a series in one column only their number counts: send horizon, or one cell in each row'
    throw invalidField('query.x', `has rows of ${widthOfFirst(rows)} cells; ${advice}`)
  }
  if (horizon && rows !== undefined && rows.length !== horizon) {
    throw invalidField('horizon', `is ${horizon}, and query.x has ${rows.length} rows; send one of the two`)
  }
  const steps = horizon ?? rows?.length
  if (!steps) throw invalidField('horizon', 'is missing: the number of steps to forecast')
  return steps
}

/** A brain decides the lags: those of its rows, the most where they varied. */
function lagsOf({ lags }: StudioPredictSettings, { inputs }: AnswerTarget): number | undefined {
  if (!inputs) return lags ?? undefined
  if (inputs.kind === 'calendar') {
    if (!isGiven(lags)) return undefined
    throw invalidField('lags', 'does not apply: this brain looks at when, not at the values before')
  }
  const [least, most] = inputs.lags ?? [inputs.columns[0] - STEP_COLUMNS, inputs.columns[1] - STEP_COLUMNS]
  if (most < 1) throw wrongWidth(inputs.columns[1], STEP_COLUMNS + 1)
  if (lags === undefined || lags === null) return most
  if (lags >= least && lags <= most) return lags
  const expected = least === most ? String(most) : `from ${least} to ${most}`
  throw invalidField(
    'lags',
    `must be ${expected} for ${inputs.kind === 'series' ? 'this brain' : 'this model'}, or be left out`,
  )
}

function seasonOf(
  { season }: StudioPredictSettings,
  { inputs }: AnswerTarget,
): { season?: number; notes: string[] } {
  const [least, most] = inputs?.season ?? []
  if (season === undefined || season === null) {
    return { ...(least !== undefined && least === most && { season: least }), notes: [] }
  }
  const isStrange = least !== undefined && most !== undefined && (season < least || season > most)
  const trained = least === most ? `season ${least}` : `seasons from ${least} to ${most}`
  const notes = isStrange
    ? [`The brain was trained with ${trained}; season ${season} is none that it knows.`]
    : []
  return { season, notes }
}

const FORECAST_FIELDS = ['horizon', 'season', 'lags', 'paths'] as const

/** @throws AppError REQUEST_VALIDATION_ERROR for a setting that rows do not have */
export function refuseForecastFields(settings: StudioPredictSettings): void {
  for (const field of FORECAST_FIELDS) {
    if (!isGiven(settings[field])) continue
    throw invalidField(
      field,
      'applies to a series alone: send it as one column in context.x, or in context.y without context.x',
    )
  }
}
