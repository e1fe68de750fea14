/**
 * Fit and predict in the process that calls: the engine's child processes do nothing else, and command line, benches
 * and trainer may use it directly. Each call blocks its thread while the model runs; one call at a time.
 */
import { CLASS_SLOTS, type ModelTask } from '@posterior/model'
import { encode, type Table, TableError } from '@posterior/tabular'
import type { Answer, AnswerJob, ForecastAnswer, ForecastJob, ModelChoice } from '../answer/answer-job.ts'
import { answerRows } from '../answer/answer-rows.ts'
import { type DiscoverJob, discover, type GraphAnswer } from '../answer/discover.ts'
import { forecastSeries } from '../answer/forecast.ts'
import { forecastByCalendar } from '../answer/forecast-by-calendar.ts'
import { ContextCache } from '../context/context-cache.ts'
import type { Context, ContextState } from '../context/context-state.ts'
import { saveContext } from '../context/context-store.ts'
import { EngineError } from '../errors.ts'
import {
  CLASSIFICATION_OUTPUTS,
  type FitJob,
  type FitSummary,
  type Prediction,
  type PredictionInfo,
  type PredictJob,
  REGRESSION_OUTPUTS,
  type RegressionOutput,
  type ResolvedOptions,
} from '../job.ts'
import { ModelCatalog, type ModelInfo } from '../models/model-catalog.ts'
import { checkLevels, checkOutput, overrideOutput, resolveOptions } from '../options.ts'
import { checkThinking } from '../thinking/check-thinking.ts'
import { type FinishJob, finishThinking } from '../thinking/finish.ts'
import { type FoldJob, type FoldResult, measureFold } from '../thinking/measure-fold.ts'
import { type CheckResult, type ThinkingFitJob, type ThinkingSteps, think } from '../thinking/think.ts'
import { answerBlend, checkBlendOutput } from './blend-answer.ts'
import { checkAborted } from './check-aborted.ts'
import { ClassAnswer } from './class-answer.ts'
import { learnContext } from './learn-context.ts'
import { ModelRunner, type RunOptions } from './model-runner.ts'
import { answerBorders, NumberAnswer } from './number-answer.ts'
import { readSource, readTrainingData } from './read-source.ts'
import { Stopwatch } from './stopwatch.ts'

/** Plain data: it is sent to child processes. */
export interface PredictorSettings {
  /** Folders that hold model folders. */
  readonly modelDirs: readonly string[]
  /** Model of jobs that name none; without it the first that can do the task. */
  readonly defaultModel?: string
  /** Threads of one computation. */
  readonly threads: number
  /** Bytes of contexts to keep in memory. */
  readonly contextCacheBytes: number
  /** Bytes that one fit may take. */
  readonly maxFitBytes: number
  /** Rows that may be asked for with the output `full`. */
  readonly maxFullRows: number
}

/** Numbers in one answer; eight bytes each, copied once between processes. */
const MAX_OUTPUT_VALUES = 50_000_000

export class Predictor {
  readonly #settings: PredictorSettings
  readonly #catalog: ModelCatalog
  readonly #runner: ModelRunner
  readonly #contexts: ContextCache

  constructor(settings: PredictorSettings) {
    this.#settings = settings
    this.#catalog = new ModelCatalog(settings.modelDirs, settings.defaultModel)
    this.#runner = new ModelRunner(settings.threads)
    this.#contexts = new ContextCache(settings.contextCacheBytes)
  }

  /** Context folders that are in memory. */
  get heldContexts(): readonly string[] {
    return this.#contexts.folders
  }

  /** Release the models. */
  async close(): Promise<void> {
    await this.#runner.close()
  }

  /**
   * Learn a context from labelled rows and save it; with `thinking`, search for its settings first.
   *
   * @throws EngineError | TableError as their codes say; nothing is left behind then
   */
  async fit(job: FitJob, run: RunOptions = {}): Promise<FitSummary> {
    if (job.thinking) return this.#think({ ...job, thinking: job.thinking }, run)
    const watch = new Stopwatch()
    // Before the rows are read, so that a wrong option costs nothing.
    resolveOptions(job.task, job.options)
    const input = await this.#readFit(job, run)
    const options = resolveOptions(job.task, job.options, input.data.x.rowCount)
    watch.lap('read')
    const context = await learnContext(this.#runner, { ...input, task: job.task, options }, run, watch)
    return this.#save(job, context, run, watch)
  }

  /** What can be refused about a fit with thinking before the search. @returns as `ThinkingSteps.check` */
  async checkThinking(job: ThinkingFitJob, run: RunOptions = {}): Promise<CheckResult> {
    resolveOptions(job.task, job.options)
    const input = await this.#readFit(job, run)
    const checked = checkThinking(job, input)
    const { x } = input.data
    run.onRead?.({ rows: x.rowCount, columns: x.columns.length })
    return checked
  }

  /** Measure one candidate of a fit with thinking on one fold. */
  async measureFold(job: FoldJob, run: RunOptions = {}): Promise<FoldResult> {
    const start = performance.now()
    const input = await this.#readFit(job.fit, run)
    const result = await measureFold({ runner: this.#runner, run }, { ...input, job })
    return { ...result, seconds: (performance.now() - start) / 1000 }
  }

  /** Choose among what was measured, fit the choice and save it. */
  async finishThinking(job: FinishJob, run: RunOptions = {}): Promise<FitSummary> {
    const watch = new Stopwatch()
    const input = await this.#readFit(job.fit, run)
    watch.lap('read')
    const context = await finishThinking(this.#runner, { ...input, job }, run)
    watch.lap('model')
    return this.#save(job.fit, context, run, watch)
  }

  #think(job: ThinkingFitJob, run: RunOptions): Promise<FitSummary> {
    const quiet = run.signal ? { signal: run.signal } : {}
    const steps: ThinkingSteps = {
      check: (check) => this.checkThinking(check, { ...quiet, ...(run.onRead && { onRead: run.onRead }) }),
      measure: (slice) => this.measureFold(slice, quiet),
      finish: (finish) => this.finishThinking(finish, quiet),
    }
    return think(job, steps, { ...run, now: () => performance.now() })
  }

  /** Find the model and read the rows. */
  async #readFit(job: FitJob, run: RunOptions) {
    const model = await this.#catalog.find(job.model, job.task)
    const { maxClasses = CLASS_SLOTS, ...limits } = job.limits ?? {}
    const data = await readTrainingData(job, limits, run.signal)
    return { model, data, maxClasses, maxFitBytes: this.#settings.maxFitBytes }
  }

  async #save(job: FitJob, context: Context, run: RunOptions, watch: Stopwatch): Promise<FitSummary> {
    const { state, blend } = context
    checkAborted(run.signal)
    const contextBytes = await saveContext(job.contextDir, context)
    await this.#contexts.put(job.contextDir, context, contextBytes)
    watch.lap('save')
    return {
      task: state.task,
      model: state.model,
      rowCount: state.rowCount,
      columnCount: state.columnCount,
      modelColumnCount: state.modelColumnCount,
      ...(state.target.task === 'classification'
        ? { classes: state.target.classes, classCounts: state.target.counts }
        : {}),
      options: blend?.options ?? state.options,
      ...(blend ? { thinking: blend.report } : {}),
      contextBytes,
      warnings: state.warnings,
      timingsMs: watch.timings,
    }
  }

  /**
   * Answer rows from a saved context.
   *
   * @throws EngineError | TableError as their codes say
   */
  async predict(job: PredictJob, run: RunOptions = {}): Promise<Prediction> {
    const watch = new Stopwatch()
    const { context, isHit } = await this.#contexts.get(job.contextDir)
    const { state } = context
    const outputs: readonly string[] =
      state.task === 'classification' ? CLASSIFICATION_OUTPUTS : REGRESSION_OUTPUTS
    checkOutput(state.task, job.output, outputs)
    if (context.blend) checkBlendOutput(context, job.output)
    const options = overrideOutput(context.blend?.options ?? state.options, job.options)
    const levels = checkLevels(job.quantiles)
    const model = await this.#findModel(state)
    watch.lap('context')
    const table = await readSource(job.x, job.limits ?? {}, run.signal)
    if (table.rowCount === 0) {
      throw new TableError('no_rows', 'The table to predict has no rows. Send at least one.')
    }
    this.#checkOutputSize(state, job.output, table.rowCount, levels.length)
    run.onRead?.({ rows: table.rowCount, columns: table.columns.length })
    watch.lap('read')
    const request = { job, options, levels, run }
    const answer = context.blend
      ? await answerBlend({ runner: this.#runner, model, run }, context, table, request)
      : await this.#answer(model, context, table, request, watch)
    watch.lap('model')
    const info: PredictionInfo = {
      rowCount: table.rowCount,
      columnCount: table.columns.length,
      model: state.model,
      options,
      cache: isHit ? 'hit' : 'miss',
      ...(context.blend ? { thinking: context.blend.report } : {}),
      warnings: state.warnings,
      timingsMs: watch.timings,
    }
    return { ...info, ...answer }
  }

  /**
   * Answer query rows from labelled rows, with nothing stored.
   *
   * @throws EngineError | TableError as their codes say
   */
  async answer(job: AnswerJob, run: RunOptions = {}): Promise<Answer> {
    return answerRows(await this.#answerMeans(job.model, job.task), job, run)
  }

  /**
   * Continue a series, with nothing stored.
   *
   * @throws EngineError | TableError as their codes say
   */
  async forecast(job: ForecastJob, run: RunOptions = {}): Promise<ForecastAnswer> {
    const forecast = job.layout === 'calendar' ? forecastByCalendar : forecastSeries
    return forecast(await this.#answerMeans(job.model, 'regression'), job, run)
  }

  /**
   * The graph behind the columns of a table.
   *
   * @throws EngineError | TableError as their codes say
   */
  async discover(job: DiscoverJob, run: RunOptions = {}): Promise<GraphAnswer> {
    const { model, runner, maxBytes } = await this.#answerMeans(job.model, 'discovery')
    return discover({ model, sessions: runner.sessions, maxBytes }, job, run)
  }

  async #answerMeans(choice: ModelChoice, task: ModelTask) {
    const model =
      'folder' in choice
        ? await this.#catalog.open(choice.folder, task)
        : await this.#catalog.find(choice.name, task)
    const { maxFitBytes: maxBytes, maxFullRows } = this.#settings
    return { runner: this.#runner, model, maxBytes, maxFullRows }
  }

  /** The model that the context was made with, the same weights. */
  async #findModel({ model, task }: ContextState): Promise<ModelInfo> {
    const installed = await this.#catalog.find(model.id, task).catch((cause: unknown) => {
      if (!(cause instanceof EngineError) || cause.code === 'model_corrupt') throw cause
      throw new EngineError(
        'context_model_mismatch',
        `This was fitted with model '${model.id}', which is not installed any more. Install it, or fit again.`,
        { details: { model: model.id }, cause },
      )
    })
    if (installed.checksum === model.checksum) return installed
    throw new EngineError(
      'context_model_mismatch',
      `This was fitted with other weights of model '${model.id}' than those installed now. Fit again.`,
      { details: { model: model.id, fitted: model.checksum, installed: installed.checksum } },
    )
  }

  #checkOutputSize(state: ContextState, output: string, rows: number, levels: number): void {
    const { maxFullRows } = this.#settings
    if (output === 'full' && rows > maxFullRows) {
      throw new EngineError(
        'too_many_output_values',
        `The output 'full' is limited to ${maxFullRows} rows, this table has ${rows}. ` +
          "Split the table, or ask for 'main'.",
        { details: { rows, maxRows: maxFullRows } },
      )
    }
    const { target } = state
    const perRow = target.task === 'classification' ? target.classes.length : levels
    if (rows * perRow > MAX_OUTPUT_VALUES) {
      throw new EngineError(
        'too_many_output_values',
        `The answer would hold ${rows} x ${perRow} numbers, at most ${MAX_OUTPUT_VALUES} are given at once. ` +
          'Split the table.',
        { details: { rows, perRow, maxValues: MAX_OUTPUT_VALUES } },
      )
    }
  }

  async #answer(
    model: ModelInfo,
    context: Context,
    table: Table,
    { job, options, levels, run }: Request,
    watch: Stopwatch,
  ) {
    const { state } = context
    const { target } = state
    const { columns } = encode(state.encoder, table)
    watch.lap('preprocess')
    const rows = table.rowCount
    if (target.task === 'classification') {
      const answer = new ClassAnswer(target, options, rows)
      const slots = state.members.map((member) => member.slots)
      await this.#runner.query(model, context, columns, run, (firstRow, outputs) =>
        answer.add(firstRow, outputs, slots),
      )
      return job.output === 'preds' ? answer.labels() : answer.probabilities()
    }
    const output = job.output as RegressionOutput
    const borders = answerBorders(target, state.borders)
    const answer = new NumberAnswer(target, { output, levels, borders, settings: options }, rows)
    if (state.members.length === 0) {
      answer.fillConstant()
    } else {
      const transforms = state.members.map((member) => member.targetTransform)
      await this.#runner.query(model, context, columns, run, (firstRow, outputs) =>
        answer.add(firstRow, outputs, transforms),
      )
    }
    return answer.values()
  }
}

interface Request {
  readonly job: PredictJob
  readonly options: ResolvedOptions
  readonly levels: readonly number[]
  readonly run: RunOptions
}
