/**
 * `forecast`: several steps ahead on held-out series, rolled forward as callers are answered, beside repeating the last
 * season. The history alone is seen: the answer scales by it, and errors are scaled by it.
 */
import { type InContextTask, targetScale } from '@posterior/prior'
import { STEP_COLUMNS } from '@posterior/tabular'
import { mean } from '../run/evaluation.ts'
import { declarationOf, singleSizes } from '../run/single-prior.ts'
import { describeHeldOut, drawHeldOut, requireSingle } from './held-out-tasks.ts'
import { EvalSkipped, type Scorer } from './score.ts'

const SERIES_PER_SHAPE = 2
const MOST_STEPS = 8
/** Sampled futures of a forecast: enough for its mean, at a quarter of the usual cost. */
const PATHS = 16

export const forecast: Scorer = async (context) => {
  const prior = requireSingle(context.prior)
  const declaration = declarationOf(prior)
  if (declaration.inputs !== 'series') {
    throw new EvalSkipped(`It measures forecasts, and ${declaration.slug} does not draw series.`)
  }
  const { inputs } = singleSizes(prior)
  const season = inputs.kind === 'series' ? Math.round(inputs.season[0]) : 1
  const tasks = await drawHeldOut(prior, SERIES_PER_SHAPE)
  const ours: Errors[] = []
  const naive: Errors[] = []
  for (const task of tasks) {
    await context.pause()
    const history = task.y.slice(0, task.train)
    const horizon = Math.min(MOST_STEPS, task.test)
    const lags = task.columns.length - STEP_COLUMNS
    const { mean: steps } = await context.brain.forecast({ history, horizon, lags, season, paths: PATHS })
    ours.push(errorsOf(task, steps))
    naive.push(errorsOf(task, seasonalNaive(history, horizon, season)))
  }
  const of = (errors: readonly Errors[], name: keyof Errors) => mean(errors.map((each) => each[name]))
  const scaled = tasks.map((task, i) => ours[i]!.absolute / inSampleNaive(task, season))
  return {
    metrics: {
      mse: of(ours, 'squared'),
      mae: of(ours, 'absolute'),
      mase: mean(scaled.filter(Number.isFinite)),
      seasonal_naive_mse: of(naive, 'squared'),
      seasonal_naive_mae: of(naive, 'absolute'),
      ratio_vs_seasonal_naive: of(ours, 'absolute') / of(naive, 'absolute'),
    },
    meta: {
      ...describeHeldOut(prior, tasks.length),
      steps_ahead: MOST_STEPS,
      season,
      sources: {
        mse: 'squared error of the mean of each step, in variances of the history',
        mae: 'absolute error of the same, in standard deviations of the history',
        mase: 'absolute error over the mean absolute error of repeating the last season within the history',
        seasonal_naive_mae: 'the value of one season before, repeated beyond the end of the history',
      },
    },
  }
}

interface Errors {
  readonly squared: number
  readonly absolute: number
}

function errorsOf(task: InContextTask, steps: ArrayLike<number>): Errors {
  const { scale } = targetScale(task)
  const errors = Array.from(steps, (value, h) => (task.y[task.train + h]! - value) / scale)
  return { squared: mean(errors.map((error) => error ** 2)), absolute: mean(errors.map(Math.abs)) }
}

/** The last season again and again; the last value when the history is shorter than a season. */
export function seasonalNaive(history: Float64Array, horizon: number, season: number): Float64Array {
  const period = history.length >= season ? season : 1
  return Float64Array.from({ length: horizon }, (_, h) => history[history.length - period + (h % period)]!)
}

/** In standard deviations of the history; NaN when the history is no longer than a season. */
function inSampleNaive(task: InContextTask, season: number): number {
  const { y, train } = task
  const errors = Array.from({ length: Math.max(0, train - season) }, (_, i) =>
    Math.abs(y[i + season]! - y[i]!),
  )
  return mean(errors) / targetScale(task).scale
}
