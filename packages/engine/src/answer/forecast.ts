/**
 * Forecasts of several steps, by rolling forward.
 *
 * The model reads the history once, as rows of lags with their targets. Then it is asked for the next step; many futures
 * are drawn from what it answers, each becomes the nearest lag of its own next row, and so on. A step's answer is the
 * mixture of what the model says after each of the futures before it, so that the doubt about earlier steps is in the
 * intervals of later ones. The first step is the model's own answer, unsampled.
 */
import { QUANTILES } from '@posterior/model'
import {
  defaultLags,
  detectSeason,
  labelledSteps,
  normaliseHistory,
  Random,
  type RegressionTargetState,
  rowWidthOf,
  type SeriesLayout,
  TableError,
  writeLagRow,
} from '@posterior/tabular'
import { EngineError } from '../errors.ts'
import { checkLevels } from '../options.ts'
import { fitTails, quantileAt } from '../output/quantile-function.ts'
import type { RunOptions } from '../predictor/model-runner.ts'
import { mixMembers } from '../predictor/number-answer.ts'
import { Stopwatch } from '../predictor/stopwatch.ts'
import type { ForecastAnswer, ForecastJob, NumberRows } from './answer-job.ts'
import { type AnswerMeans, answerOptions, checkBarRows, numberAnswer, numbersOf } from './answer-rows.ts'
import { columnsOf, type LearnedRows, learnRows } from './learn-rows.ts'

const LEAST_HISTORY = 4
const MOST_STEPS = 1000
const MOST_LAGS = 256
const DEFAULT_PATHS = 64
const MOST_PATHS = 256

/** @throws EngineError | TableError as their codes say */
export async function forecastSeries(
  means: AnswerMeans,
  job: ForecastJob,
  run: RunOptions,
): Promise<ForecastAnswer> {
  const watch = new Stopwatch()
  const options = answerOptions('regression', job.model, job)
  const levels = checkLevels(job.levels)
  const layout = layoutOf(job)
  const paths = wholeNumber('paths', job.paths ?? DEFAULT_PATHS, 1, MOST_PATHS)
  if (job.withBars) checkBarRows(job.horizon, means.maxFullRows)
  const { z, scale } = normaliseHistory(job.history)
  const steps = labelledSteps(z, layout)
  const x = rowsAt(steps, () => z, layout)
  const y = Float64Array.from(steps, (step) => z[step]!)
  const { runner, model, maxBytes } = means
  const learnt = await learnRows(runner, { model, task: 'regression', x, y, options, maxBytes }, run)
  watch.lap('context')
  const target = inUnitOf(learnt, scale)
  const bars = job.withBars ? Float64Array.from(steps, (step) => job.history[step]!) : null
  const answer = numberAnswer(target, { levels, options, rows: job.horizon, y: bars })
  const future = new Future(z, { paths, horizon: job.horizon, seed: options.randomState })
  const { members } = learnt.context.state
  if (members.length === 0) answer.fillConstant()
  for (let h = 0; h < job.horizon && members.length > 0; h++) {
    const columns = columnsOf(
      rowsAt(future.heads(h), (path) => future.series(path), layout),
      'history',
    )
    const knots = new Float64Array(columns[0]!.values.length * QUANTILES)
    // In units of the normalised series, in which the lags are.
    const unit = learnt.target as RegressionTargetState
    const transforms = members.map(() => null)
    await runner.query(model, learnt.context, columns, run, (firstRow, outputs) => {
      knots.set(mixMembers(unit, options, outputs, transforms), firstRow * QUANTILES)
    })
    future.draw(h, knots)
    const mixed = mixEven(knots)
    for (let k = 0; k < QUANTILES; k++) mixed[k] = scale.mean + scale.scale * mixed[k]!
    answer.addKnots(h, mixed)
  }
  watch.lap('query')
  return {
    ...numbersOf(answer.values()),
    model: { id: model.id, checksum: model.checksum },
    warnings: learnt.warnings,
    timingsMs: watch.timings,
    season: layout.season,
    lags: layout.lags,
  }
}

/** Check sizes before memory is taken for them. */
function layoutOf({ history, horizon, lags, season: asked }: ForecastJob): SeriesLayout {
  wholeNumber('horizon', horizon, 1, MOST_STEPS)
  const there = history.reduce((count, y) => count + (Number.isNaN(y) ? 0 : 1), 0)
  if (there < LEAST_HISTORY) {
    throw new TableError(
      'no_rows',
      `The history holds ${there} values; a forecast needs at least ${LEAST_HISTORY}.`,
    )
  }
  const season = asked === undefined ? detectSeason(history) : asked
  if (season !== null && !(season >= 2 && Number.isFinite(season))) {
    throw new EngineError('invalid_options', `season must be a number from 2, or null; got ${season}.`, {
      details: { option: 'season' },
    })
  }
  return {
    lags: wholeNumber('lags', lags ?? defaultLags(history.length, season), 1, MOST_LAGS),
    season,
    length: history.length + horizon,
  }
}

function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new EngineError(
    'invalid_options',
    `${option} must be a whole number from ${least} to ${most}; got ${value}.`,
    { details: { option } },
  )
}

/** One row for each step; row i is taken from series i. */
function rowsAt(
  steps: readonly number[],
  series: (row: number) => Float64Array,
  layout: SeriesLayout,
): NumberRows {
  const columns = rowWidthOf(layout)
  const values = new Float64Array(steps.length * columns)
  for (const [row, step] of steps.entries()) writeLagRow(series(row), step, layout, values, row * columns)
  return { rows: steps.length, columns, values }
}

/** What the model learnt of normalised targets, in the unit of the series. */
function inUnitOf(
  { target }: LearnedRows,
  { mean, scale }: { mean: number; scale: number },
): RegressionTargetState {
  if (target.task !== 'regression') throw new Error('A forecast is of numbers.')
  return { ...target, mean: mean + scale * target.mean, scale: scale * target.scale }
}

/** The futures that were drawn so far; before the first step there is one, the history. */
class Future {
  readonly #series: Float64Array[]
  readonly #start: number
  readonly #seed: number

  constructor(z: Float64Array, { paths, horizon, seed }: { paths: number; horizon: number; seed: number }) {
    this.#start = z.length
    this.#seed = seed
    this.#series = Array.from({ length: paths }, () => {
      const own = new Float64Array(z.length + horizon).fill(Number.NaN)
      own.set(z)
      return own
    })
  }

  series(path: number): Float64Array {
    return this.#series[path]!
  }

  /** The step to ask for, once for each future that differs. */
  heads(h: number): number[] {
    return new Array<number>(h === 0 ? 1 : this.#series.length).fill(this.#start + h)
  }

  /**
   * Draw step `h` of each future: evenly spread levels in random order, so that few futures stand for all.
   *
   * @param knots  [futures that differ, 255]
   */
  draw(h: number, knots: Float64Array): void {
    const random = Random.fromSeed(this.#seed, 'forecast', h)
    const count = this.#series.length
    const strata = random.permutation(count)
    const rows = Array.from({ length: knots.length / QUANTILES }, (_, row) =>
      knots.subarray(row * QUANTILES, (row + 1) * QUANTILES),
    )
    const tails = rows.map(fitTails)
    for (const [path, series] of this.#series.entries()) {
      const row = rows.length === 1 ? 0 : path
      const level = (strata[path]! + random.uniform()) / count
      series[this.#start + h] = quantileAt(rows[row]!, tails[row]!, level)
    }
  }
}

/**
 * The even mixture of distributions with sorted knots [rows, 255], as 255 knots: every knot stands for the same mass, so
 * all of them in order are the mixture. Of one distribution its own knots.
 */
function mixEven(knots: Float64Array): Float64Array {
  const count = knots.length / QUANTILES
  const all = knots.slice().sort()
  return Float64Array.from({ length: QUANTILES }, (_, k) => {
    const place = (k + 0.5) * count - 0.5
    const below = Math.floor(place)
    const share = place - below
    return all[below]! * (1 - share) + all[Math.min(all.length - 1, below + 1)]! * share
  })
}
