/** From `tabpfn_config` to what the predictor is told, in one place for fit and predict. */
import {
  CONFIG_FIELDS,
  type InferenceConfig,
  parseModelPath,
  type TabpfnConfig,
  type Task,
} from '@posterior/contracts'
import { AppError, invalidField } from '../app-error.ts'
import type { EnsembleOptions, ModelInfo, OutputOptions, ResolvedOptions } from '../ports/predictor.ts'

/** Drop nulls: a field that is null or absent means "the default". */
export function givenFields(config: TabpfnConfig | null | undefined): TabpfnConfig {
  return Object.fromEntries(
    Object.entries(config ?? {}).filter(([, value]) => value !== null && value !== undefined),
  )
}

/**
 * The model that `model_path` selects.
 *
 * @param field path of the config in the request, for the message
 * @throws AppError REQUEST_VALIDATION_ERROR for a name that this server does not have or that cannot do the task,
 *   NOT_READY when no model can do it
 */
export function chooseModel(
  config: TabpfnConfig,
  request: { task: Task; models: readonly ModelInfo[]; field: string },
): ModelInfo {
  const { task, models, field } = request
  const usable = models.filter((model) => model.tasks.includes(task))
  const [first] = usable
  if (!first) throw new AppError('NOT_READY', { params: { reason: `no model for ${task} is installed.` } })
  const choice = parseModelPath(config.model_path, task)
  if (choice?.kind === 'default') return first
  const found = choice && usable.find((model) => model.name === choice.name)
  if (found) return found
  const known = usable.map((model) => model.name).join(', ')
  const path = `${field}.model_path`
  const wanted = JSON.stringify(config.model_path ?? 'auto')
  throw invalidField(path, `${wanted} is not a model for ${task} on this server; it has: auto, ${known}`)
}

/** Refuse what only makes sense for the other task. */
export function checkTaskFields(config: TabpfnConfig, task: Task, field: string): void {
  if (task === 'regression' && config.balance_probabilities) {
    throw invalidField(`${field}.balance_probabilities`, 'applies to classification only')
  }
}

/** The settings that define the ensemble; equal ones give the same fit. */
export function ensembleOptions(config: TabpfnConfig): EnsembleOptions {
  return {
    ...(config.n_estimators != null && { estimators: config.n_estimators }),
    ...(config.random_state != null && { randomState: config.random_state }),
    ...(config.categorical_features_indices != null && {
      categoricalColumns: [...new Set(config.categorical_features_indices)].sort((a, b) => a - b),
    }),
    ignoreTrainedRange: config.ignore_pretraining_limits ?? true,
    ...(hasKeys(config.inference_config) && { inferenceConfig: config.inference_config }),
  }
}

function hasKeys(config: InferenceConfig | null | undefined): config is InferenceConfig {
  return config != null && Object.keys(config).length > 0
}

/** Say where in the request the config stands, of errors that name only a field of it. */
export function locateConfigErrors(error: unknown, field: string): unknown {
  if (!(error instanceof AppError) || !error.errors.some(isConfigError)) return error
  const errors = error.errors.map((item) =>
    isConfigError(item) ? { ...item, field: `${field}.${item.field}` } : item,
  )
  return new AppError(error.code, { ...error, message: error.message, errors, cause: error.cause })
}

function isConfigError({ field }: { field: string }): boolean {
  return CONFIG_FIELDS.some(({ name }) => field === name || field.startsWith(`${name}.`))
}

/** The settings that act on the output of a prediction. */
export function outputOptions(config: TabpfnConfig): OutputOptions {
  return {
    ...(config.softmax_temperature != null && { softmaxTemperature: config.softmax_temperature }),
    ...(config.average_before_softmax != null && { averageBeforeSoftmax: config.average_before_softmax }),
    ...(config.balance_probabilities != null && { balanceProbabilities: config.balance_probabilities }),
  }
}

/** The configuration in force, as metadata echoes it. */
export function configEcho(
  options: ResolvedOptions,
  request: { model: string; task: Task; inferenceConfig: InferenceConfig | null | undefined },
): TabpfnConfig {
  const { inferenceConfig } = request
  return {
    n_estimators: options.estimators,
    categorical_features_indices: options.categoricalColumns && [...options.categoricalColumns],
    softmax_temperature: options.softmaxTemperature,
    average_before_softmax: options.averageBeforeSoftmax,
    ...(request.task === 'classification' && { balance_probabilities: options.balanceProbabilities }),
    random_state: options.randomState,
    ignore_pretraining_limits: options.ignoreTrainedRange,
    model_path: request.model,
    ...(hasKeys(inferenceConfig) && { inference_config: inferenceConfig }),
  }
}
