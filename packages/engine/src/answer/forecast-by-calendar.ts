/**
 * Forecasts of all steps at once, by a model that learned from rows which say when and nothing of the values before
 * (`packages/tabular/src/series/calendar-rows.ts`). Each step is a question of its own, so nothing is rolled forward.
 */
import { CALENDAR_COLUMNS, writeCalendarRow } from '@posterior/tabular'
import type { RunOptions } from '../predictor/model-runner.ts'
import type { ForecastAnswer, ForecastJob, NumberRows, NumbersAnswer } from './answer-job.ts'
import { type AnswerMeans, answerRows } from './answer-rows.ts'
import { seriesLayoutOf } from './forecast.ts'

/** @throws EngineError | TableError as their codes say */
export async function forecastByCalendar(
  means: AnswerMeans,
  job: ForecastJob,
  run: RunOptions,
): Promise<ForecastAnswer> {
  const { season } = seriesLayoutOf(job)
  const { history, horizon, model, levels, withBars, options } = job
  const known = [...history.keys()].filter((step) => !Number.isNaN(history[step]!))
  const future = Array.from({ length: horizon }, (_, h) => history.length + h)
  const answer = await answerRows(
    means,
    {
      ...{ model, task: 'regression' },
      x: rowsAt(known, season),
      y: Float64Array.from(known, (step) => history[step]!),
      query: rowsAt(future, season),
      ...(levels && { levels }),
      ...(withBars !== undefined && { withBars }),
      ...(options && { options }),
    },
    run,
  )
  return { ...(answer as NumbersAnswer), season, lags: 0 }
}

function rowsAt(steps: readonly number[], season: number | null): NumberRows {
  const columns = CALENDAR_COLUMNS.length
  const values = new Float64Array(steps.length * columns)
  for (const [row, step] of steps.entries()) writeCalendarRow(step, season, values, row * columns)
  return { rows: steps.length, columns, values }
}
