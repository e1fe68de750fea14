/** Defaults and checks of what a job may ask for. */
import { checkSettings } from './ensemble/settings.ts'
import { EngineError } from './errors.ts'
import type { FitOptions, OutputOptions, ResolvedOptions, Task } from './job.ts'

export const DEFAULT_ESTIMATORS = 4
/** Of a classification of few rows: there twice the members raise the ROC AUC, and cost little (models/nano/README.md). */
export const DEFAULT_ESTIMATORS_OF_SMALL = 8
/** Most labelled rows of such a classification. */
export const MOST_SMALL_ROWS = 1500
export const MAX_ESTIMATORS = 32
export const DEFAULT_QUANTILES: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

/** By task: class logits gain from a little sharpening; quantiles are trained to be calibrated as they are. */
const DEFAULT_TEMPERATURE: Readonly<Record<Task, number>> = { classification: 0.9, regression: 1 }
const MAX_LEVELS = 1000

/** Ensemble members of a fit that names none. */
export function defaultEstimators(task: Task, rows: number): number {
  return task === 'classification' && rows <= MOST_SMALL_ROWS
    ? DEFAULT_ESTIMATORS_OF_SMALL
    : DEFAULT_ESTIMATORS
}

/**
 * Fill in the defaults of a fit.
 *
 * @param rows  labelled rows, on which the default number of members depends; left out: as for many
 * @throws EngineError invalid_options
 */
export function resolveOptions(
  task: Task,
  options: FitOptions & OutputOptions = {},
  rows = Number.POSITIVE_INFINITY,
): ResolvedOptions {
  const estimators = options.estimators ?? defaultEstimators(task, rows)
  if (!(Number.isInteger(estimators) && estimators >= 1 && estimators <= MAX_ESTIMATORS)) {
    throw invalid('estimators', `a whole number from 1 to ${MAX_ESTIMATORS}`, estimators)
  }
  const randomState = options.randomState ?? 0
  if (!Number.isSafeInteger(randomState)) throw invalid('randomState', 'a whole number', randomState)
  if (options.ensemble) checkSettings(options.ensemble)
  const resolved: ResolvedOptions = {
    estimators,
    randomState,
    categoricalColumns: options.categoricalColumns ?? null,
    ignoreTrainedRange: options.ignoreTrainedRange ?? true,
    ...(options.ensemble && { ensemble: options.ensemble }),
    softmaxTemperature: DEFAULT_TEMPERATURE[task],
    averageBeforeSoftmax: false,
    balanceProbabilities: false,
  }
  return overrideOutput(resolved, options)
}

/**
 * Settings of a prediction: those of the fit, and over them those of the request.
 *
 * @throws EngineError invalid_options
 */
export function overrideOutput(base: ResolvedOptions, options: OutputOptions = {}): ResolvedOptions {
  const { softmaxTemperature: temperature } = options
  if (temperature !== undefined && !(temperature >= 0.01 && temperature <= 100)) {
    throw invalid('softmaxTemperature', 'a number from 0.01 to 100', temperature)
  }
  return {
    ...base,
    softmaxTemperature: temperature ?? base.softmaxTemperature,
    averageBeforeSoftmax: options.averageBeforeSoftmax ?? base.averageBeforeSoftmax,
    balanceProbabilities: options.balanceProbabilities ?? base.balanceProbabilities,
  }
}

/** @throws EngineError invalid_options when a level is not in [0, 1] or there are none or very many */
export function checkLevels(levels: readonly number[] = DEFAULT_QUANTILES): readonly number[] {
  if (levels.length === 0 || levels.length > MAX_LEVELS) {
    throw invalid('quantiles', `1 to ${MAX_LEVELS} levels`, `${levels.length} levels`)
  }
  for (const level of levels) {
    if (!(level >= 0 && level <= 1)) throw invalid('quantiles', 'levels from 0 to 1', level)
  }
  return levels
}

/** @throws EngineError invalid_options when the output does not belong to the task */
export function checkOutput(task: Task, output: string, allowed: readonly string[]): void {
  if (!allowed.includes(output)) {
    throw invalid('output', `one of ${allowed.join(', ')} for ${task}`, output)
  }
}

function invalid(option: string, expected: string, got: unknown): EngineError {
  return new EngineError('invalid_options', `${option} must be ${expected}; got ${String(got)}.`, {
    details: { option },
  })
}
