/** The engine: fit and predict in child processes, so that the process that calls stays responsive and can give up. */
import { totalmem } from 'node:os'
import { resolve } from 'node:path'
import {
  type Answer,
  type AnswerJob,
  affinityOf,
  type ForecastAnswer,
  type ForecastJob,
  type ModelChoice,
} from './answer/answer-job.ts'
import type { DiscoverJob, GraphAnswer } from './answer/discover.ts'
import { removeLeftovers } from './context/context-store.ts'
import { EngineError } from './errors.ts'
import type { FitJob, FitSummary, Prediction, PredictJob, TableSource } from './job.ts'
import { ModelCatalog, type ModelListing } from './models/model-catalog.ts'
import type { EngineJob } from './pool/child-main.ts'
import type { TableSize } from './pool/messages.ts'
import type { JobWatch } from './pool/worker-child.ts'
import { type PoolEvent, type PoolStats, WorkerPool } from './pool/worker-pool.ts'
import type { PredictorSettings } from './predictor/predictor.ts'
import { detectThreads } from './runtime/cpu-limit.ts'
import { Gate } from './thinking/gate.ts'
import type { FoldResult } from './thinking/measure-fold.ts'
import { type CheckResult, type ThinkingFitJob, think } from './thinking/think.ts'

const MiB = 2 ** 20
const DEFAULT_THINKING_AT_ONCE = 2

export interface EngineOptions {
  /** Folder, or folders in order of precedence, that hold one folder per model. */
  readonly modelsDir: string | readonly string[]
  /** Model of jobs that name none; without it the first, by folder name, that can do the task. */
  readonly defaultModel?: string
  /** Threads of one computation; default: the processors that this process may use. */
  readonly threads?: number
  /** Child processes; default 2 up to 8 threads, then one per 4, at most 8. One is kept free of fits if there are several. */
  readonly processes?: number
  /** Jobs that may wait; one more is refused with engine_busy. Default 64. */
  readonly maxQueue?: number
  /** Fits with thinking that search at the same time; more of them wait, up to `maxQueue`. Default 2. */
  readonly maxThinking?: number
  /** Memory for contexts, in bytes over all processes; default 512 MiB. */
  readonly contextCacheBytes?: number
  /** Memory that one fit may take, in bytes; default: half of what the machine or container has, split by processes. */
  readonly maxFitBytes?: number
  /** Resident memory at which a working process is ended (Linux); default its share of the machine's memory. */
  readonly maxProcessBytes?: number
  /** Rows that may be asked for with the output `full`; default 400. */
  readonly maxFullRows?: number
  /** Replace a child after this many jobs; default 5,000. */
  readonly maxJobsPerProcess?: number
  /**
   * Replace a child whose resident memory grew by this much. Default: its share of the context cache and a quarter of
   * its share of the machine's memory, the latter from 0.75 to 2 GiB.
   */
  readonly maxGrowthBytes?: number
  /** How long a cancelled job may take to stop before its process is ended; default 100 ms. */
  readonly cancelGraceMs?: number
  /** Environment of the child processes; nothing is inherited. Default empty. */
  readonly childEnvironment?: Readonly<Record<string, string>>
  /** For logs and metrics. */
  readonly onEvent?: (event: PoolEvent) => void
}

export class Engine {
  readonly #pool: WorkerPool
  readonly #catalog: ModelCatalog
  readonly #thinkingGate: Gate

  private constructor(pool: WorkerPool, catalog: ModelCatalog, thinkingGate: Gate) {
    this.#pool = pool
    this.#catalog = catalog
    this.#thinkingGate = thinkingGate
  }

  /**
   * Start the child processes.
   *
   * @throws EngineError engine_unavailable when they cannot be started, invalid_options
   */
  static async start(options: EngineOptions): Promise<Engine> {
    const threads = options.threads ?? detectThreads()
    const processes = options.processes ?? Math.min(8, Math.max(2, Math.floor(threads / 4)))
    for (const [name, value] of Object.entries({ threads, processes })) {
      if (!(Number.isInteger(value) && value >= 1 && value <= 1024)) {
        throw new EngineError(
          'invalid_options',
          `${name} must be a whole number from 1 to 1024; got ${value}.`,
        )
      }
    }
    const folders = typeof options.modelsDir === 'string' ? [options.modelsDir] : options.modelsDir
    const memoryShare = machineBytes() / processes
    const cacheShare = (options.contextCacheBytes ?? 512 * MiB) / processes
    const settings: PredictorSettings = {
      modelDirs: folders.map((folder) => resolve(folder)),
      ...(options.defaultModel === undefined ? {} : { defaultModel: options.defaultModel }),
      threads,
      contextCacheBytes: cacheShare,
      maxFitBytes: options.maxFitBytes ?? memoryShare / 2,
      maxFullRows: options.maxFullRows ?? 400,
    }
    const catalog = new ModelCatalog(settings.modelDirs, settings.defaultModel)
    const pool = await WorkerPool.start({
      entry: new URL('./pool/child-main.ts', import.meta.url),
      settings,
      processes,
      maxQueue: options.maxQueue ?? 64,
      maxJobsPerChild: options.maxJobsPerProcess ?? 5000,
      maxGrowthBytes:
        options.maxGrowthBytes ?? cacheShare + Math.min(2048 * MiB, Math.max(768 * MiB, memoryShare / 4)),
      maxResidentBytes: options.maxProcessBytes ?? memoryShare,
      startTimeoutMs: 60_000,
      cancelGraceMs: options.cancelGraceMs ?? 100,
      environment: options.childEnvironment ?? {},
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
    })
    const gate = new Gate(options.maxThinking ?? DEFAULT_THINKING_AT_ONCE, options.maxQueue ?? 64)
    return new Engine(pool, catalog, gate)
  }

  /**
   * Learn a context from labelled rows and save it to `job.contextDir`. When this resolves the context is on disk; when
   * it rejects there is none (an earlier one of that name is as it was). `onRead` is told of a fit with thinking only.
   *
   * @throws EngineError | TableError as their codes say
   */
  async fit(
    job: FitJob,
    signal?: AbortSignal,
    onProgress?: ProgressCallback,
    onRead?: (size: TableSize) => void,
  ): Promise<FitSummary> {
    const contextDir = resolve(job.contextDir)
    const x = absolute(job.x)
    const y = 'column' in job.y ? job.y : absolute(job.y)
    const own = { ...job, x, y, contextDir }
    try {
      const { thinking } = own
      if (thinking) return await this.#think({ ...own, thinking }, { signal, onProgress, onRead })
      return await this.#runFit({ kind: 'fit', job: own }, contextDir, signal, onProgress)
    } catch (error) {
      // The process may have been ended in the middle of writing.
      await removeLeftovers(contextDir).catch(() => {})
      throw error
    }
  }

  async #runFit(
    payload: EngineJob,
    affinity: string,
    signal?: AbortSignal,
    onProgress?: ProgressCallback,
  ): Promise<FitSummary> {
    const job = { payload, affinity, heavy: true, repeatable: false, signal, onProgress }
    return (await this.#pool.run(job)) as FitSummary
  }

  /**
   * A fit with thinking takes minutes, so it must not hold a process: it comes to the pool as slices of about an ordinary
   * fit each, one at a time, which run when no other job waits, and count as fits, so that a process stays free for
   * predictions. A slice uses all threads of its process; more of one search at a time would gain nothing. Searches
   * beyond `maxThinking` wait when they have been checked, and their time does not run.
   */
  async #think(
    job: ThinkingFitJob,
    { signal, ...watch }: JobWatch & { signal: AbortSignal | undefined },
  ): Promise<FitSummary> {
    const heavy = { heavy: true, repeatable: true, signal }
    const slice = (payload: EngineJob) => this.#pool.run({ payload, ...heavy, background: true })
    const check = (payload: EngineJob) => this.#pool.run({ payload, ...heavy, onRead: watch.onRead })
    return think(
      job,
      {
        check: async (own) => (await check({ kind: 'think-check', job: own })) as CheckResult,
        measure: async (fold) => (await slice({ kind: 'think-measure', job: fold })) as FoldResult,
        finish: (finish) => this.#runFit({ kind: 'think-finish', job: finish }, job.contextDir, signal),
      },
      {
        signal,
        onProgress: watch.onProgress,
        now: () => performance.now(),
        admit: () => this.#thinkingGate.enter(signal),
      },
    )
  }

  /**
   * Answer rows from a saved context. Tried once more when a process died under it, and then `onRead` is told twice.
   *
   * @throws EngineError | TableError as their codes say
   */
  async predict(
    job: PredictJob,
    signal?: AbortSignal,
    onProgress?: ProgressCallback,
    onRead?: (size: TableSize) => void,
  ): Promise<Prediction> {
    const contextDir = resolve(job.contextDir)
    const payload: EngineJob = { kind: 'predict', job: { ...job, x: absolute(job.x), contextDir } }
    const prediction = await this.#pool.run({
      payload,
      affinity: contextDir,
      heavy: false,
      repeatable: true,
      signal,
      onProgress,
      onRead,
    })
    return prediction as Prediction
  }

  /**
   * Answer query rows from labelled rows in one job: nothing is written, and the model stays loaded for the next. Tried
   * once more when a process died under it.
   *
   * @throws EngineError | TableError as their codes say
   */
  async answer(job: AnswerJob, signal?: AbortSignal): Promise<Answer> {
    return (await this.#runAnswer({ kind: 'answer', job: withFolder(job) }, signal)) as Answer
  }

  /**
   * Continue a series in one job, as `answer` does.
   *
   * @throws EngineError | TableError as their codes say
   */
  async forecast(job: ForecastJob, signal?: AbortSignal): Promise<ForecastAnswer> {
    return (await this.#runAnswer({ kind: 'forecast', job: withFolder(job) }, signal)) as ForecastAnswer
  }

  /**
   * The graph behind the columns of a table, in one job.
   *
   * @throws EngineError | TableError as their codes say
   */
  async discover(job: DiscoverJob, signal?: AbortSignal): Promise<GraphAnswer> {
    return (await this.#runAnswer({ kind: 'discover', job: withFolder(job) }, signal)) as GraphAnswer
  }

  #runAnswer(payload: EngineJob & { job: { model: ModelChoice } }, signal?: AbortSignal): Promise<unknown> {
    const affinity = affinityOf(payload.job.model)
    return this.#pool.run({ payload, affinity, heavy: false, repeatable: true, signal })
  }

  /** The models that are installed now, the default first, and the folders that are no models. */
  async listModels(): Promise<ModelListing> {
    return this.#catalog.list()
  }

  get stats(): PoolStats {
    return this.#pool.stats
  }

  /** Refuse new and waiting jobs, let running ones finish for up to `drainMs` (default 10 s), and end all processes. */
  async close({ drainMs = 10_000 }: { drainMs?: number } = {}): Promise<void> {
    this.#thinkingGate.close()
    await this.#pool.close({ drainMs })
  }
}

export type ProgressCallback = (done: number, total: number) => void

/** A folder means the same in every process. */
function withFolder<J extends { model: ModelChoice }>(job: J): J {
  return 'folder' in job.model ? { ...job, model: { folder: resolve(job.model.folder) } } : job
}

/** The children may have another working directory one day; a job says what it means. */
function absolute(source: TableSource): TableSource {
  return 'path' in source ? { ...source, path: resolve(source.path) } : source
}

/** Memory of the container or machine. */
function machineBytes(): number {
  const constrained = process.constrainedMemory()
  const total = totalmem()
  return constrained > 0 && constrained < total ? constrained : total
}
