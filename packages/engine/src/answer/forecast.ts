/**
 * Forecasts of several steps, by rolling forward.
 *
 * The model reads the history once, as rows of lags with their targets. Then it is asked for the next step; many futures
 * are drawn from what it answers, each becomes the nearest lag of its own next row, and so on. A step's answer is the
 * mixture of what the model says after each of the futures before it, so that the doubt about earlier steps is in the
 * intervals of later ones. The first step is the model's own answer, unsampled. A series that wanders is forecast by its
 * changes in the same way; not so by a model that was trained on the values of series (`layout: 'studio'`), which would
 * be asked for something that it never saw.
 */
import { QUANTILES } from '@posterior/model'
import {
  defaultLags,
  detectSeason,
  fitTarget,
  labelledSteps,
  normaliseHistory,
  Random,
  type RegressionTargetState,
  rowWidthOf,
  type SeriesLayout,
  type SeriesScale,
  TableError,
  wanders,
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
import { columnsOf, learnRows } from './learn-rows.ts'

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
  const layout = seriesLayoutOf(job)
  const paths = wholeNumber('paths', job.paths ?? DEFAULT_PATHS, 1, MOST_PATHS)
  if (job.withBars) checkBarRows(job.horizon, means.maxFullRows)
  // A series that wanders is forecast by its changes, whose sum is as uncertain as such a series is.
  const isStudio = job.layout === 'studio'
  const isByChange = !isStudio && !Number.isNaN(job.history.at(-1)!) && wanders(job.history, layout.season)
  const { z, scale } = normaliseHistory(isByChange ? changesOf(job.history) : job.history)
  const start = isByChange ? job.history.at(-1)! : 0
  const steps = isStudio ? knownSteps(z) : labelledSteps(z, layout)
  const x = rowsAt(steps, () => z, layout)
  const y = Float64Array.from(steps, (step) => z[step]!)
  const { runner, model, maxBytes } = means
  const learnt = await learnRows(runner, { model, task: 'regression', x, y, options, maxBytes }, run)
  watch.lap('context')
  const known = job.history.filter((value) => !Number.isNaN(value))
  const answer = numberAnswer(targetOf(known), {
    levels,
    options,
    rows: job.horizon,
    y: job.withBars ? known : null,
  })
  const future = new Future(z, { paths, horizon: job.horizon, seed: options.randomState })
  const { members } = learnt.context.state
  // In units of the normalised series, in which the lags are.
  const target = learnt.target as RegressionTargetState
  const transforms = members.map(() => null)
  for (let h = 0; h < job.horizon; h++) {
    const columns = columnsOf(
      rowsAt(future.heads(h), (path) => future.series(path), layout),
      'history',
    )
    const knots = new Float64Array(columns[0]!.values.length * QUANTILES).fill(target.mean)
    if (members.length > 0) {
      await runner.query(model, learnt.context, columns, run, (firstRow, outputs) => {
        knots.set(mixMembers(target, options, outputs, transforms), firstRow * QUANTILES)
      })
    }
    future.draw(h, knots)
    const before = Array.from({ length: knots.length / QUANTILES }, (_, path) =>
      isByChange ? start + future.sumBefore(path, h, scale) : 0,
    )
    const inUnit = knots.map(
      (knot, i) => before[Math.floor(i / QUANTILES)]! + scale.mean + scale.scale * knot,
    )
    answer.addKnots(h, mixEven(inUnit))
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
export function seriesLayoutOf({ history, horizon, lags, season: asked, layout }: ForecastJob): SeriesLayout {
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
    ...(layout === 'studio' && { beforeStart: 0 }),
  }
}

/** Every step whose value is there. */
function knownSteps(z: Float64Array): number[] {
  return [...z.keys()].filter((step) => !Number.isNaN(z[step]!))
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

/** Change from each step to the next, as many as there are values; the first is not known. */
function changesOf(history: Float64Array): Float64Array {
  return history.map((value, t) => (t === 0 ? Number.NaN : value - history[t - 1]!))
}

/** The history as a target, for the shape of the answer. */
function targetOf(known: Float64Array): RegressionTargetState {
  const values = { kind: 'number', name: 'history', values: known, integer: false } as const
  return fitTarget(values, 'regression')
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

  /** Sum of what a future drew before step `h`, in the unit of the series. */
  sumBefore(path: number, h: number, { mean, scale }: SeriesScale): number {
    const drawn = this.#series[path]!.subarray(this.#start, this.#start + h)
    return drawn.reduce((sum, z) => sum + mean + scale * z, 0)
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
