/**
 * Answers of the Predict API. It knows models and questions, and not where a model comes from: installed models, runs and
 * share links ask through it.
 */
import { createHash } from 'node:crypto'
import { DEFAULT_INTERVAL, DEFAULT_QUANTILES, type StudioPredictSettings } from '@posterior/contracts'
import { CALENDAR_COLUMNS } from '@posterior/tabular'
import { AppError } from '../app-error.ts'
import { type Limits, testTableLimits, trainTableLimits } from '../limits.ts'
import { costOf, pricingOf } from '../metering/cost.ts'
import type { Metering } from '../metering/metering.ts'
import { PendingCharge } from '../metering/pending-charge.ts'
import type { Answerer, AnswerResult, ForecastResult } from '../ports/answerer.ts'
import type { Predictor } from '../ports/predictor.ts'
import { tooLarge } from './number-rows.ts'
import { type AnswerTarget, type Question, type QuestionTables, readQuestion } from './read-question.ts'

export interface AnswersDeps {
  predictor: Answerer & Pick<Predictor, 'models'>
  metering: Pick<Metering, 'charge'>
  limits: Limits
}

/** A question as it came, its settings checked. */
export interface AnswerCommand {
  tables: QuestionTables
  settings: StudioPredictSettings
}

export interface StudioAnswer {
  result: AnswerResult | ForecastResult
  question: Question
  settings: StudioPredictSettings
  target: AnswerTarget
  /** Levels of the result's quantiles: those asked for, then lower and upper. */
  levels: readonly number[]
  interval: number
}

/** Sampled futures and lags that are charged for when the question leaves them open. */
const BILLED_PATHS = 64
const BILLED_LAGS = 24
const STEP_COLUMNS = 3

/** Numbers in one answer. */
const MAX_ANSWER_NUMBERS = 2_000_000

export class Answers {
  readonly #deps: AnswersDeps
  readonly #stop = new AbortController()

  constructor(deps: AnswersDeps) {
    this.#deps = deps
  }

  /**
   * An installed model to ask.
   *
   * @throws AppError NOT_FOUND
   */
  async installed(name: string): Promise<AnswerTarget> {
    const models = await this.#deps.predictor.models()
    if (models.some((model) => model.name === name)) return { model: { name }, name }
    throw new AppError('NOT_FOUND', { params: { what: `Model "${name}"` } })
  }

  /**
   * Answer a question, and charge the account for it unless that fails.
   *
   * @throws AppError FEATURE_COUNT_MISMATCH, LENGTH_MISMATCH, DISCOVERY_NOT_HERE, REQUEST_VALIDATION_ERROR,
   *   LIMIT_EXCEEDED, INSUFFICIENT_QUOTA and the errors of the data
   */
  async answer(
    accountId: string,
    target: AnswerTarget,
    { tables, settings }: AnswerCommand,
    signal: AbortSignal,
  ): Promise<StudioAnswer> {
    const { limits, metering } = this.#deps
    const question = await readQuestion(tables, settings, target, {
      context: trainTableLimits(limits),
      query: (trainRows) => testTableLimits(limits, { trainRows, isFull: settings.distribution ?? false }),
    })
    const interval = settings.interval ?? DEFAULT_INTERVAL
    const asked = settings.quantiles ?? DEFAULT_QUANTILES
    const levels = [...asked, (1 - interval) / 2, (1 + interval) / 2]
    this.#checkWork(question, settings, levels.length)
    const order = {
      requestKey: keyOf(question, settings, target),
      subject: target.name,
      operation: 'predict',
    } as const
    const charge = new PendingCharge((tokens) => metering.charge(accountId, { ...order, tokens }))
    charge.price(priceOf(question, settings, target))
    const end = AbortSignal.any([signal, this.#stop.signal, charge.refused])
    try {
      const result = await this.#compute(question, { settings, target, levels, signal: end })
      assertFinite(result)
      // Nobody is there to take the answer.
      signal.throwIfAborted()
      await charge.settle()
      return { result, question, settings, target, levels, interval }
    } catch (error) {
      const reason = await charge.fail(error)
      if (this.#stop.signal.aborted) throw new AppError('FIT_INTERRUPTED', { cause: reason })
      throw reason
    }
  }

  /** Break off what is running. */
  stop(): void {
    this.#stop.abort()
  }

  #compute(
    question: Question,
    {
      settings,
      target,
      levels,
      signal,
    }: {
      settings: StudioPredictSettings
      target: AnswerTarget
      levels: readonly number[]
      signal: AbortSignal
    },
  ): Promise<AnswerResult | ForecastResult> {
    const { n_estimators: estimators, random_state: randomState, distribution, paths } = settings
    const options = {
      ...(typeof estimators === 'number' && { estimators }),
      ...(typeof randomState === 'number' && { randomState }),
    }
    const common = { model: target.model, levels, withBars: distribution ?? false, options }
    if (question.kind === 'rows') {
      const { task, x, y, query } = question
      return this.#deps.predictor.answer({ ...common, task, x, y, query }, signal)
    }
    const { kind: _, notes: __, ...series } = question
    const futures = typeof paths === 'number' ? { paths } : {}
    return this.#deps.predictor.forecast({ ...common, ...series, ...futures }, signal)
  }

  /** Refuse what would take too long or answer too much, before any of it. */
  #checkWork(question: Question, settings: StudioPredictSettings, levels: number): void {
    const { model } = this.#deps.limits
    const rows = answeredRows(question)
    if (rows * levels > MAX_ANSWER_NUMBERS) {
      throw tooLarge('The number of rows times quantiles', rows * levels, MAX_ANSWER_NUMBERS)
    }
    const full = model.test_set_max_rows_w_full_regression_output
    if (settings.distribution && rows > full) {
      throw tooLarge('The number of rows with a distribution', rows, full)
    }
    if (question.kind === 'rows') return
    const pairs = question.history.length * question.horizon * (settings.paths ?? BILLED_PATHS)
    const most = model.predict_row_pairs_budget
    if (pairs > most) throw tooLarge('The length of the history times horizon times paths', pairs, most)
  }
}

function answeredRows(question: Question): number {
  return question.kind === 'rows' ? question.query.rows : question.horizon
}

/** A series is charged for the rows that it becomes. */
function priceOf(question: Question, settings: StudioPredictSettings, { name }: AnswerTarget): number {
  const common = {
    operation: 'predict',
    estimators: settings.n_estimators ?? 1,
    pricing: pricingOf(name),
  } as const
  if (question.kind === 'rows') {
    const { x, query } = question
    return costOf({ ...common, trainRows: x.rows, testRows: query.rows, columns: x.columns })
  }
  return costOf({
    ...common,
    trainRows: question.history.length,
    ...(question.layout === 'calendar'
      ? { testRows: question.horizon, columns: CALENDAR_COLUMNS.length }
      : {
          testRows: question.horizon * (settings.paths ?? BILLED_PATHS),
          columns: (question.lags ?? BILLED_LAGS) + STEP_COLUMNS,
        }),
  })
}

/** Equal for questions that get the same answer. */
function keyOf(question: Question, settings: StudioPredictSettings, { model }: AnswerTarget): string {
  const hash = createHash('sha256').update(JSON.stringify([model, settings]))
  if (question.kind === 'series') {
    const { history, horizon, lags, season } = question
    return hash.update(history).update(`${horizon} ${lags} ${season}`).digest('hex')
  }
  const { task, x, y, query } = question
  for (const values of [x.values, y, query.values]) hash.update(values)
  return hash.update(`${task} ${x.columns}`).digest('hex')
}

/** @throws Error when a value is NaN or infinite, which would be a bug of the engine */
function assertFinite(result: AnswerResult): void {
  const arrays =
    result.task === 'classification'
      ? [result.probabilities]
      : [result.mean, result.median, ...result.quantiles, ...(result.bars ? [result.bars.logits] : [])]
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++) {
      if (!Number.isFinite(array[i])) throw new Error(`an answer has ${array[i]} at ${i}`)
    }
  }
}
