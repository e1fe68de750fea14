/** Predictions from a fitted training set. */
import {
  errorMessage,
  type Label,
  OUTPUT_TYPES,
  type OutputType,
  type TabpfnConfig,
  type Task,
} from '@posterior/contracts'
import { AppError, invalidField } from '../app-error.ts'
import { fingerprint } from '../fits/fingerprint.ts'
import {
  checkTaskFields,
  chooseModel,
  configEcho,
  ensembleOptions,
  givenFields,
  outputOptions,
} from '../fits/fit-config.ts'
import type { Fits } from '../fits/fits.ts'
import { planWarnings } from '../fits/thinking.ts'
import { type Limits, testTableLimits } from '../limits.ts'
import type { Metering } from '../metering/metering.ts'
import { PendingCharge } from '../metering/pending-charge.ts'
import type { ContextStore } from '../ports/blobs.ts'
import type {
  PredictionValues,
  Predictor,
  PredictResult,
  PredictTimings,
  PredictWork,
  ThinkingReport,
} from '../ports/predictor.ts'
import type { Fit } from '../ports/stores.ts'
import type { UploadFiles } from '../uploads/files.ts'
import { assertFinite } from './assert-finite.ts'
import { type PredictionPrice, predictionPrice } from './prediction-price.ts'
import { type AskedRows, givenRows, type QueryRows, uploadedRows } from './query-rows.ts'

export interface PredictionDeps {
  fits: Fits
  files: UploadFiles
  contexts: ContextStore
  predictor: Predictor
  metering: Metering
  limits: Limits
}

export interface PredictCommand {
  fittedTrainSetId: string
  rows: AskedRows
  /** Default: the task of the fit. */
  task?: Task | null | undefined
  config?: TabpfnConfig | null | undefined
  output?: OutputType | null | undefined
  quantiles?: readonly number[] | null | undefined
  /** Where things stand in the request, for messages about them. */
  fields: { task: string; config: string; output: string; quantiles: string }
}

export interface Prediction {
  values: PredictionValues
  task: Task
  rows: number
  columns: number
  /** The configuration in force. */
  config: TabpfnConfig
  classes: Label[] | null
  model: string
  warnings: readonly string[]
  /** Of a fit with thinking. */
  thinking?: ThinkingReport
  /** Tokens charged. */
  tokens: number
  timings: PredictTimings
}

/** What a regression fit with thinking answers. */
const THINKING_OUTPUTS: readonly OutputType[] = ['mean', 'median', 'quantiles']

/** What a computation is for, and at what price. */
interface Sale {
  fit: Fit
  rows: QueryRows
  price: PredictionPrice
  /** Fires when the caller is gone. */
  signal: AbortSignal
}

export class Predictions {
  readonly #deps: PredictionDeps
  readonly #stop = new AbortController()

  constructor(deps: PredictionDeps) {
    this.#deps = deps
  }

  /**
   * Answer the rows of a test set or of the request, and charge the account for it unless that fails.
   *
   * @throws AppError NOT_FOUND, FIT_NOT_COMPLETED, TASK_MISMATCH, UPLOAD_INCOMPLETE, UPLOAD_HASH_MISMATCH,
   *   REQUEST_VALIDATION_ERROR, LIMIT_EXCEEDED, INSUFFICIENT_QUOTA and the errors of the data
   */
  async predict(accountId: string, command: PredictCommand, signal: AbortSignal): Promise<Prediction> {
    const { files, contexts, metering, limits } = this.#deps
    const asked = await this.#deps.fits.get(accountId, command.fittedTrainSetId)
    const output = checkCommand(asked, command)
    const tableLimits = testTableLimits(limits, {
      trainRows: asked.trainRows ?? 1,
      isFull: output === 'full',
    })
    const rows =
      'table' in command.rows
        ? givenRows(asked, command.rows, tableLimits)
        : await uploadedRows(files, asked, command.rows)
    const price = predictionPrice(asked, command, rows)
    await metering.requireAffordable(accountId, { ...price.order, tokens: price.tokens(1) })
    const fit = await this.#effectiveFit(asked, command)
    const x = await rows.open().catch((error: unknown) => this.#fail(fit, rows, error))
    const contextPath = await contexts.open(fit.id)
    const options = outputOptions({ ...fit.config, ...givenFields(command.config) })
    const quantiles = command.quantiles ? { quantiles: command.quantiles } : {}
    const work = { contextPath, x, output, options, limits: tableLimits, ...quantiles }
    const { result, tokens } = await this.#compute(work, { fit, rows, price, signal })
    return {
      values: result.values,
      task: fit.task,
      rows: result.rows,
      columns: result.columns,
      config: configEcho(result.options, {
        model: fit.model,
        task: fit.task,
        inferenceConfig: fit.config.inference_config,
      }),
      classes: fit.classes,
      model: fit.model,
      warnings: [...(fit.thinking ? planWarnings(fit.thinking) : []), ...result.warnings],
      ...(result.thinking && { thinking: result.thinking }),
      tokens,
      timings: result.timings,
    }
  }

  /** Break off what is running. */
  stop(): void {
    this.#stop.abort()
  }

  /** The work itself, paid for from the moment its size is known. */
  async #compute(
    work: PredictWork,
    { fit, rows, price, signal }: Sale,
  ): Promise<{ result: PredictResult; tokens: number }> {
    const { predictor, metering } = this.#deps
    const charge = new PendingCharge((tokens) => metering.charge(fit.accountId, { ...price.order, tokens }))
    const anyEnd = AbortSignal.any([signal, this.#stop.signal, charge.refused])
    try {
      const result = await predictor.predict(work, anyEnd, ({ rows }) => charge.price(price.tokens(rows)))
      charge.price(price.tokens(result.rows))
      await assertFinite(result.values)
      // Nobody is there to take the answer.
      signal.throwIfAborted()
      return { result, tokens: await charge.settle() }
    } catch (error) {
      return this.#fail(fit, rows, await charge.fail(error))
    }
  }

  async #fail(fit: Fit, rows: QueryRows, error: unknown): Promise<never> {
    if (this.#stop.signal.aborted) throw new AppError('FIT_INTERRUPTED', { cause: error })
    // What was deleted during the prediction is not found; whatever else went wrong follows from it.
    await this.#deps.fits.get(fit.accountId, fit.id)
    await rows.requireThere()
    if (error instanceof AppError && error.code === 'FIT_LOST') await this.#deps.fits.markLost(fit, error)
    throw error
  }

  /**
   * The fit to predict from. Output settings may differ at each prediction; settings that define the ensemble are fixed
   * in the context, so a prediction that asks for others fits the same training set with them, once.
   */
  async #effectiveFit(asked: Fit, command: PredictCommand): Promise<Fit> {
    const { fits, predictor } = this.#deps
    const given = givenFields(command.config)
    const config = { ...asked.config, ...given }
    const choose = async () =>
      chooseModel(config, {
        task: asked.task,
        models: await predictor.models(),
        field: command.fields.config,
      })
    const model = given.model_path === undefined ? asked.model : (await choose()).name
    if (model === asked.model && !definesOtherEnsemble(config, asked.config)) return asked
    if (asked.thinking) {
      const message = 'thinking chose the ensemble of this fit: send the settings of the fit, or fit again'
      throw invalidField(command.fields.config, message)
    }
    const { done } = await fits.start(asked.accountId, {
      trainSetUploadId: asked.trainSetUploadId,
      task: asked.task,
      // Output settings stay those of the first fit, so that predictions which differ in them share the new one.
      config: { ...asked.config, ...ensembleFields(config), model_path: model },
      configField: command.fields.config,
    })
    return done
  }
}

/** Whether a fit with `config` has to be another one than a fit with `fitted`. */
function definesOtherEnsemble(config: TabpfnConfig, fitted: TabpfnConfig): boolean {
  const { ignoreTrainedRange: isRangeIgnored, ...ensemble } = ensembleOptions(config)
  const { ignoreTrainedRange: wasRangeIgnored, ...fittedEnsemble } = ensembleOptions(fitted)
  // The range is checked at fit: asking for the check afterwards needs a fit, waiving it does not.
  if (wasRangeIgnored && !isRangeIgnored) return true
  return fingerprint(ensemble) !== fingerprint(fittedEnsemble)
}

/** The fields of `ensembleOptions`, as they stand in the request. */
function ensembleFields(config: TabpfnConfig): TabpfnConfig {
  const { n_estimators, random_state, categorical_features_indices } = config
  const { ignore_pretraining_limits, inference_config } = config
  return givenFields({
    n_estimators,
    random_state,
    categorical_features_indices,
    ignore_pretraining_limits,
    inference_config,
  })
}

/** Check what can be checked without reading the data; answers the output type. */
function checkCommand(fit: Fit, command: PredictCommand): OutputType {
  const { fields, task } = command
  if (fit.errorCode === 'FIT_LOST')
    throw new AppError('FIT_LOST', { message: fit.errorMessage ?? 'Fit again.' })
  if (fit.status !== 'completed') {
    const reason = fit.errorMessage === null ? '' : ` ${fit.errorMessage}`
    const message = `${errorMessage('FIT_NOT_COMPLETED', { id: fit.id, status: fit.status })}${reason}`
    throw new AppError('FIT_NOT_COMPLETED', { message, errors: [{ field: 'fitted_train_set_id', message }] })
  }
  if (task && task !== fit.task) {
    const errors = [{ field: fields.task, message: `the model was fitted for ${fit.task}` }]
    throw new AppError('TASK_MISMATCH', { params: { fitted: fit.task, requested: task }, errors })
  }
  checkTaskFields(givenFields(command.config), fit.task, fields.config)
  const allowed: readonly OutputType[] = OUTPUT_TYPES[fit.task]
  const output = command.output ?? allowed[0]!
  if (!allowed.includes(output)) {
    const message = `"${output}" is not an output of ${fit.task}; choose one of ${allowed.join(', ')}`
    throw invalidField(fields.output, message)
  }
  if (fit.thinking && fit.task === 'regression' && !THINKING_OUTPUTS.includes(output)) {
    const message =
      `"${output}" is not an output of a fit with thinking, which answers ${THINKING_OUTPUTS.join(', ')}: ` +
      'its mean is the value that is best for the metric, not that of one distribution'
    throw invalidField(fields.output, message)
  }
  if (command.quantiles && fit.task === 'classification') {
    throw invalidField(fields.quantiles, 'applies to regression only')
  }
  return output
}
