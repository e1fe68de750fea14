/** The predictor of the domain over the engine of this project, whose child processes read the files and compute. */
import { fileURLToPath } from 'node:url'
import { Engine, type FitJob, type PoolEvent, type Prediction, type PredictJob } from '@posterior/engine'
import type {
  AnswerResult,
  AnswerWork,
  DiscoverWork,
  ForecastResult,
  ForecastWork,
  GraphResult,
} from '../../domain/ports/answerer.ts'
import type {
  FitResult,
  FitWork,
  ModelInfo,
  OnTableRead,
  PredictionValues,
  Predictor,
  PredictResult,
  PredictTimings,
  PredictWork,
} from '../../domain/ports/predictor.ts'
import type { Log } from '../../domain/ports/system.ts'
import { StartError } from '../../start-error.ts'
import { toEnsembleSettings } from './ensemble-settings.ts'
import { tableOf } from './inline-table.ts'
import { translateError } from './translate-error.ts'

/** The models that come with the program. */
const OWN_MODELS = fileURLToPath(new URL('../../../../../models', import.meta.url))

/** Settings of the engine; 0 and absent leave the choice to it. */
export interface EngineSettings {
  modelsDir?: string | undefined
  defaultModel?: string | undefined
  threads: number
  processes: number
  maxQueue: number
  contextCacheBytes: number
  maxFullRows: number
  thinkingAtOnce: number
}

export class EnginePredictor implements Predictor {
  readonly #engine: Engine
  readonly #defaultModel: string | undefined

  private constructor(engine: Engine, defaultModel: string | undefined) {
    this.#engine = engine
    this.#defaultModel = defaultModel
  }

  /**
   * Start the engine's processes.
   *
   * @throws EngineError when they do not start, StartError when the default model is not installed
   */
  static async start(settings: EngineSettings, log: Log): Promise<EnginePredictor> {
    const { modelsDir = OWN_MODELS, defaultModel, threads, processes } = settings
    const engine = await Engine.start({
      modelsDir,
      ...(defaultModel !== undefined && { defaultModel }),
      ...(threads > 0 && { threads }),
      ...(processes > 0 && { processes }),
      maxQueue: settings.maxQueue,
      contextCacheBytes: settings.contextCacheBytes,
      maxFullRows: settings.maxFullRows,
      maxThinking: settings.thinkingAtOnce,
      onEvent: (event) => logEvent(log, event),
    })
    const { models, problems } = await engine.listModels()
    for (const { folderName, error } of problems)
      log.error({ folderName, err: error }, 'a model cannot be used')
    if (defaultModel !== undefined && !models.some((model) => model.id === defaultModel)) {
      await engine.close()
      const installed = models.map((model) => model.id).join(', ') || 'none'
      throw new StartError(
        `The default model "${defaultModel}" is not in ${modelsDir}; installed: ${installed}. Check POSTERIOR_DEFAULT_MODEL.`,
      )
    }
    if (models.length === 0) log.error({ modelsDir }, 'no model is installed')
    return new EnginePredictor(engine, defaultModel)
  }

  async models(): Promise<readonly ModelInfo[]> {
    // Looked up each time, as the engine's processes do: models come and are replaced while the server runs.
    const listing = await this.#engine.listModels()
    const models = listing.models.flatMap(({ id, checksum, manifest }) => {
      const tasks = manifest.tasks.filter((task) => task !== 'discovery')
      return tasks.length > 0 ? [{ name: id, version: checksum, tasks }] : []
    })
    const isDefault = (model: ModelInfo) => model.name === this.#defaultModel
    return [...models.filter(isDefault), ...models.filter((model) => !isDefault(model))]
  }

  async fit(work: FitWork, signal: AbortSignal, onRead?: OnTableRead): Promise<FitResult> {
    const { contextPath: contextDir, options: asked, ...rest } = work
    const { inferenceConfig, ...options } = asked
    const ensemble = inferenceConfig && toEnsembleSettings(inferenceConfig, work.task)
    const job: FitJob = { ...rest, options: { ...options, ...(ensemble && { ensemble }) }, contextDir }
    const summary = await this.#engine.fit(job, signal, undefined, onRead).catch((error: unknown) => {
      throw translateError(error, 'fit')
    })
    return {
      trainRows: summary.rowCount,
      columns: summary.columnCount,
      classes: summary.classes ? [...summary.classes] : null,
    }
  }

  async predict(work: PredictWork, signal: AbortSignal, onRead?: OnTableRead): Promise<PredictResult> {
    const { contextPath: contextDir, x, ...rest } = work
    const job: PredictJob = { ...rest, x: 'table' in x ? tableOf(x) : x, contextDir }
    const start = performance.now()
    const prediction = await this.#engine.predict(job, signal, undefined, onRead).catch((error: unknown) => {
      throw translateError(error, 'table' in x ? { field: x.field } : 'predict')
    })
    const { rowCount: rows, columnCount: columns, options, warnings, thinking } = prediction
    const values = valuesOf(prediction)
    const timings = timingsOf(prediction, performance.now() - start)
    return { rows, columns, options, warnings, ...(thinking && { thinking }), values, timings }
  }

  async answer(work: AnswerWork, signal: AbortSignal): Promise<AnswerResult> {
    return this.#engine.answer(work, signal).catch((error: unknown) => {
      throw translateError(error, 'answer')
    })
  }

  async forecast(work: ForecastWork, signal: AbortSignal): Promise<ForecastResult> {
    return this.#engine.forecast(work, signal).catch((error: unknown) => {
      throw translateError(error, 'answer')
    })
  }

  async discover(work: DiscoverWork, signal: AbortSignal): Promise<GraphResult> {
    return this.#engine.discover(work, signal).catch((error: unknown) => {
      throw translateError(error, 'answer')
    })
  }

  async close(): Promise<void> {
    await this.#engine.close()
  }
}

function timingsOf({ timingsMs }: Prediction, totalMs: number): PredictTimings {
  const { model = 0 } = timingsMs
  const inProcess = Object.values(timingsMs).reduce((sum, ms) => sum + ms, 0)
  return {
    wait: Math.max(0, totalMs - inProcess) / 1000,
    data: (inProcess - model) / 1000,
    model: model / 1000,
  }
}

function valuesOf(prediction: Prediction): PredictionValues {
  switch (prediction.output) {
    case 'preds':
      return { output: 'preds', labels: prediction.labels }
    case 'probas':
      return { output: 'probas', classes: prediction.classes, probabilities: prediction.probabilities }
    case 'mean':
    case 'median':
    case 'mode':
      return { output: prediction.output, values: prediction.values }
    case 'quantiles':
      return { output: 'quantiles', quantiles: prediction.quantiles }
    case 'main': {
      const { output, mean, median, mode, quantiles } = prediction
      return { output, mean, median, mode, quantiles }
    }
    case 'full': {
      const { output, mean, median, mode, quantiles, logits, borders } = prediction
      return { output, mean, median, mode, quantiles, logits, borders }
    }
  }
}

function logEvent(log: Log, event: PoolEvent): void {
  if (event.type === 'child-exited' && !event.expected) log.error({ ...event }, 'an engine process died')
  else log.info({ ...event }, 'engine process')
}
