/**
 * Fit and predict in the process that calls: the engine's child processes do nothing else, and command line, benches
 * and trainer may use it directly. Each call blocks its thread while the model runs; one call at a time.
 */
import { CLASS_SLOTS, limitsOf } from '@posterior/model'
import { encode, type NumericColumn, TableError } from '@posterior/tabular'
import { ContextCache } from '../context/context-cache.ts'
import type { Context, ContextState } from '../context/context-state.ts'
import { saveContext } from '../context/context-store.ts'
import { needsPreparation } from '../ensemble/settings.ts'
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
import { checkAborted } from './check-aborted.ts'
import { ClassAnswer } from './class-answer.ts'
import { learnState } from './learn-state.ts'
import { ModelRunner, type RunOptions } from './model-runner.ts'
import { answerBorders, NumberAnswer } from './number-answer.ts'
import { readSource, readTrainingData } from './read-source.ts'
import { Stopwatch } from './stopwatch.ts'
import { checkModelLimits, describeTrainedRange } from './trained-range.ts'
import { checkMemory } from './work-size.ts'

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
   * Learn a context from labelled rows and save it.
   *
   * @throws EngineError | TableError as their codes say; nothing is left behind then
   */
  async fit(job: FitJob, run: RunOptions = {}): Promise<FitSummary> {
    const watch = new Stopwatch()
    const options = resolveOptions(job.task, job.options)
    const model = await this.#catalog.find(job.model, job.task)
    const { maxClasses = CLASS_SLOTS, ...limits } = job.limits ?? {}
    const data = await readTrainingData(job, limits, run.signal)
    watch.lap('read')
    const { architecture, trainedRange } = model.manifest
    const settings = options.ensemble ?? {}
    const modelLimits = { ...limitsOf(model.manifest), ...settings.limits }
    const learned = learnState(job.task, data, options, {
      maxClasses: Math.min(maxClasses, CLASS_SLOTS),
      admit: ({ members, ...shape }) => {
        const warnings = [
          ...checkModelLimits(modelLimits, shape, options.ignoreTrainedRange),
          ...describeTrainedRange(trainedRange, shape),
        ]
        checkMemory(
          architecture,
          { members, isPrepared: needsPreparation(settings) },
          this.#settings.maxFitBytes,
        )
        return warnings
      },
    })
    const { columns, labels, memberRows, ...rest } = learned
    const state: ContextState = {
      ...rest,
      task: job.task,
      model: { id: model.id, checksum: model.checksum },
      rowCount: data.x.rowCount,
      columnCount: data.x.columns.length,
      options,
    }
    watch.lap('preprocess')
    const tensors = await this.#runner.encode(model, state, { columns, labels, memberRows }, run)
    watch.lap('model')
    checkAborted(run.signal)
    const context = { state, tensors }
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
      options,
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
    const options = overrideOutput(state.options, job.options)
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
    const { columns } = encode(state.encoder, table)
    watch.lap('preprocess')
    const answer = await this.#answer(model, context, columns, { job, options, levels, run })
    watch.lap('model')
    const info: PredictionInfo = {
      rowCount: table.rowCount,
      columnCount: table.columns.length,
      model: state.model,
      options,
      cache: isHit ? 'hit' : 'miss',
      warnings: state.warnings,
      timingsMs: watch.timings,
    }
    return { ...info, ...answer }
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
    columns: readonly NumericColumn[],
    { job, options, levels, run }: Request,
  ) {
    const { state } = context
    const { target } = state
    const rows = columns[0]!.values.length
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
