/**
 * Fits. A fit is a row that goes from pending to completed or failed, and a context folder that is on disk before the row
 * says completed. It runs on when its caller goes away, because clients send a timed-out request again: the second
 * request joins the running fit, or finds it completed.
 */
import type { TabpfnConfig, Task } from '@posterior/contracts'
import { AppError } from '../app-error.ts'
import { type Limits, trainTableLimits } from '../limits.ts'
import type { Metering } from '../metering/metering.ts'
import type { ContextStore } from '../ports/blobs.ts'
import type { FitResult, Predictor, ThinkingWork } from '../ports/predictor.ts'
import type { Fit, FitStore, Upload } from '../ports/stores.ts'
import type { Clock, Ids, Log } from '../ports/system.ts'
import type { UploadFiles } from '../uploads/files.ts'
import { fingerprint } from './fingerprint.ts'
import {
  checkTaskFields,
  chooseModel,
  ensembleOptions,
  givenFields,
  locateConfigErrors,
  outputOptions,
} from './fit-config.ts'
import {
  blameThinking,
  planThinking,
  type ThinkingCommand,
  type ThinkingLimits,
  type ThinkingPlan,
} from './thinking.ts'
import { admitThinking, type ThinkingCharge, thinkingCharge } from './thinking-charge.ts'

export interface FitDeps {
  fits: FitStore
  files: UploadFiles
  contexts: ContextStore
  predictor: Predictor
  limits: Limits
  metering: Metering
  thinking: ThinkingLimits
  clock: Clock
  ids: Ids
  log: Log
}

export interface FitCommand {
  trainSetUploadId: string
  task: Task
  config?: TabpfnConfig | null | undefined
  /** Search for the settings that predict best; absent for a fit without thinking. */
  thinking?: ThinkingCommand
  /** Fit again although the same fit exists. */
  force?: boolean
  /** Where the config stands in the request, for messages about it. */
  configField: string
}

/** A fit that was found or started. */
export interface FitHandle {
  id: string
  /** Resolves when the fit is on disk, so that its id can be asked about; rejects when it cannot be stored. */
  stored: Promise<void>
  /** Resolves with the completed fit; rejects with an `AppError` or a bug. */
  done: Promise<Fit>
}

export class Fits {
  readonly #deps: FitDeps
  /** Running fits by account and fingerprint. */
  readonly #running = new Map<string, FitHandle>()
  /** Every running fit by its id, and how to break it off alone. */
  readonly #all = new Map<string, { done: Promise<unknown>; discard: AbortController }>()
  readonly #stop = new AbortController()

  constructor(deps: FitDeps) {
    this.#deps = deps
  }

  /** @throws AppError NOT_FOUND */
  async get(accountId: string, id: string): Promise<Fit> {
    const fit = await this.#deps.fits.find(accountId, id)
    if (!fit) throw new AppError('NOT_FOUND', { params: { what: `Fitted model ${id}` } })
    return fit
  }

  /**
   * The fit that the command describes: one that is completed, one that is running, or a new one. Everything that can
   * be checked without reading the data is checked before this resolves.
   *
   * @throws AppError NOT_FOUND, UPLOAD_INCOMPLETE, UPLOAD_HASH_MISMATCH, REQUEST_VALIDATION_ERROR; with thinking also
   *   RATE_LIMIT_EXCEEDED, INSUFFICIENT_QUOTA
   */
  async start(accountId: string, command: FitCommand): Promise<FitHandle> {
    const { task, configField: field } = command
    const config = givenFields(command.config)
    checkTaskFields(config, task, field)
    const model = chooseModel(config, { task, models: await this.#deps.predictor.models(), field })
    const thinking = command.thinking
      ? planThinking(
          command.thinking,
          { task, modelPath: config.model_path, modelField: `${field}.model_path` },
          this.#deps.thinking,
        )
      : null
    const upload = await this.#deps.files.requireComplete(accountId, command.trainSetUploadId, 'train')
    const settings = { ...ensembleOptions(config), ...outputOptions(config) }
    const { name, version } = model
    const print = fingerprint({
      upload: upload.id,
      task,
      name,
      version,
      settings,
      ...(thinking && { thinking }),
    })
    const key = `${accountId} ${print}`
    if (!command.force) {
      const running = this.#running.get(key)
      if (running) return whenStored(running)
      const completed = await this.#deps.fits.findCompleted(accountId, print)
      if (completed) return { id: completed.id, stored: Promise.resolve(), done: Promise.resolve(completed) }
    }
    if (thinking) await admitThinking(this.#deps.metering, accountId, thinking.effort)
    // The same request may have come twice while the store was asked; the map is checked again before it is set.
    const raced = command.force ? undefined : this.#running.get(key)
    if (raced) return whenStored(raced)
    const fit = this.#newFit(accountId, {
      upload,
      task,
      config,
      thinking,
      model: model.name,
      fingerprint: print,
    })
    const stored = this.#deps.fits.insert(fit)
    const discard = new AbortController()
    const done = stored
      .then(() => this.#run(fit, upload, discard.signal))
      .catch((error: unknown) => {
        const { thinking: asked } = command
        throw locateConfigErrors(asked ? blameThinking(error, asked) : error, field)
      })
    const handle = { id: fit.id, stored, done }
    this.#running.set(key, handle)
    this.#all.set(fit.id, { done, discard })
    const forget = () => {
      if (this.#running.get(key) === handle) this.#running.delete(key)
      this.#all.delete(fit.id)
    }
    done.then(forget, forget)
    return whenStored(handle)
  }

  /** What a fit had learned is gone: record it, so that the same request fits again. */
  async markLost(fit: Fit, error: AppError): Promise<void> {
    const { fits, clock } = this.#deps
    await fits.fail(fit.id, { code: error.code, message: error.message, completedAt: clock.now() })
  }

  /** Break off those of these fits that run; their rows are gone. Resolves when none of them writes any more. */
  async discard(ids: readonly string[]): Promise<void> {
    const running = ids.flatMap((id) => this.#all.get(id) ?? [])
    for (const { discard } of running) discard.abort()
    await settle(running)
  }

  /** Resolves when nothing is running. */
  async idle(): Promise<void> {
    while (this.#all.size > 0) await settle(this.#all.values())
  }

  /** Break off what is running; each such fit is recorded as failed, to be sent again. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.idle()
  }

  #newFit(
    accountId: string,
    given: Pick<Fit, 'task' | 'config' | 'thinking' | 'model' | 'fingerprint'> & { upload: Upload },
  ): Fit {
    const { upload, ...rest } = given
    return {
      ...rest,
      id: this.#deps.ids.newId(),
      accountId,
      trainSetUploadId: upload.id,
      status: 'pending',
      trainRows: null,
      columns: null,
      classes: null,
      errorCode: null,
      errorMessage: null,
      createdAt: this.#deps.clock.now(),
      completedAt: null,
    }
  }

  async #run(fit: Fit, upload: Upload, discarded: AbortSignal): Promise<Fit> {
    const { fits, contexts, metering, clock } = this.#deps
    const charge = thinkingCharge(metering, fit)
    try {
      const result = await this.#compute(fit, upload, discarded, charge)
      charge?.price({ rows: result.trainRows, columns: result.columns })
      await contexts.commit(fit.id)
      const completedAt = clock.now()
      if (!(await fits.complete(fit.id, { ...result, completedAt }))) throw deletedMeanwhile(upload)
      await charge?.pending.settle()
      return { ...fit, ...result, status: 'completed', completedAt }
    } catch (error) {
      let failure = charge ? await charge.pending.fail(error) : error
      if (this.#stop.signal.aborted) failure = new AppError('FIT_INTERRUPTED', { cause: error })
      if (discarded.aborted) failure = deletedMeanwhile(upload)
      await this.#recordFailure(fit, failure)
      throw failure
    }
  }

  async #compute(
    fit: Fit,
    upload: Upload,
    discarded: AbortSignal,
    charge: ThinkingCharge | undefined,
  ): Promise<FitResult> {
    const { files, contexts, predictor, limits } = this.#deps
    const { x, y } = await files.open(upload)
    if (!x || !y) throw new Error(`training set upload ${upload.id} lacks a file`)
    const contextPath = await contexts.prepare(fit.id)
    const options = { ...ensembleOptions(fit.config), ...outputOptions(fit.config) }
    const work = {
      model: fit.model,
      task: fit.task,
      x,
      y,
      options,
      limits: trainTableLimits(limits),
      ...(fit.thinking && { thinking: workOf(fit.thinking) }),
      contextPath,
    }
    const ends = [this.#stop.signal, discarded, ...(charge ? [charge.pending.refused] : [])]
    return predictor.fit(work, AbortSignal.any(ends), charge?.price)
  }

  async #recordFailure(fit: Fit, error: unknown): Promise<void> {
    const { fits, contexts, clock, log } = this.#deps
    const shown = error instanceof AppError ? error : new AppError('GENERAL_ERROR')
    try {
      await contexts.remove(fit.id)
      await fits.fail(fit.id, { code: shown.code, message: shown.message, completedAt: clock.now() })
    } catch (cause) {
      // The fit's own error matters more to the caller; the sweep at the next start mends the row.
      log.error({ fitId: fit.id, err: cause }, 'a failed fit could not be recorded')
    }
  }
}

function workOf({ askedSeconds: _, ...work }: ThinkingPlan): ThinkingWork {
  return work
}

async function whenStored(handle: FitHandle): Promise<FitHandle> {
  await handle.stored
  return handle
}

async function settle(running: Iterable<{ done: Promise<unknown> }>): Promise<void> {
  await Promise.allSettled([...running].map(({ done }) => done))
}

function deletedMeanwhile(upload: Upload): AppError {
  return new AppError('NOT_FOUND', {
    message: `Training set upload ${upload.id} was deleted while it was being fitted.`,
  })
}
