/**
 * A fixed number of child processes that each do one job at a time.
 *
 * ONNX Runtime blocks the thread that calls it, cannot be interrupted and leaks a little with every session, so it
 * lives in processes that may be ended at any moment: to cancel, to give memory back, or because they crashed.
 *   - Jobs wait in one bounded queue, first come first served. A job goes to an idle child that has its context in
 *     memory, else to the first idle child; it never waits for a particular one.
 *   - Heavy jobs (fits) leave one child free when there are several, so that predictions do not wait behind them.
 *   - Background jobs (the slices of a thinking fit) run when nothing else waits.
 *   - A child that did many jobs or grew is replaced between jobs; it serves until its successor is ready.
 *   - A child that dies takes its job with it: a repeatable job is tried once more, any other fails as retryable.
 */
import type { TableError } from '@posterior/tabular'
import { EngineError } from '../errors.ts'
import { ChildExitError, type ChildOptions, type JobWatch, WorkerChild } from './worker-child.ts'

export interface PoolOptions extends ChildOptions {
  readonly processes: number
  /** Jobs that may wait; one more is refused with engine_busy. */
  readonly maxQueue: number
  /** Replace a child after this many jobs ... */
  readonly maxJobsPerChild: number
  /** ... or when its resident memory has grown by this much since it was ready. */
  readonly maxGrowthBytes: number
  /** How long a cancelled job may take to stop by itself before its child is ended. */
  readonly cancelGraceMs: number
  readonly onEvent?: (event: PoolEvent) => void
}

/** For logs and metrics. */
export type PoolEvent =
  | { readonly type: 'child-started'; readonly pid: number }
  | {
      readonly type: 'child-exited'
      readonly pid: number
      readonly reason: string
      readonly expected: boolean
    }
  | {
      readonly type: 'child-recycled'
      readonly pid: number
      readonly jobsDone: number
      readonly rssBytes: number
    }

export interface PoolJob extends JobWatch {
  readonly payload: unknown
  /** Key of the context that the job reads or writes. */
  readonly affinity?: string
  readonly heavy: boolean
  /** Runs only while no other kind of job waits, and does not count as waiting. Default false. */
  readonly background?: boolean
  /** Whether it may be run again when its child died. */
  readonly repeatable: boolean
  readonly signal?: AbortSignal | undefined
}

export interface PoolStats {
  /** Children that can be given jobs. */
  readonly processes: number
  readonly busy: number
  readonly waiting: number
  /** Children that ended without being asked to, since the start. */
  readonly crashes: number
  readonly recycled: number
  /** Resident memory of all children as of their last job. */
  readonly rssBytes: number
}

interface Waiting {
  readonly id: number
  readonly job: PoolJob
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  attempts: number
  child: WorkerChild | undefined
}

/** Failed starts in a row after which waiting jobs are refused instead of kept. */
const GIVE_UP_AFTER = 3
const LONGEST_PAUSE_MS = 30_000

export class WorkerPool {
  readonly #options: PoolOptions
  readonly #children = new Set<WorkerChild>()
  readonly #queue: Waiting[] = []
  /** Waiting background jobs, which have their turn when the queue is empty. */
  readonly #background: Waiting[] = []
  readonly #running = new Set<Waiting>()
  /** Children that this pool ended on purpose. */
  readonly #ended = new WeakSet<WorkerChild>()
  #nextId = 1
  #isClosing = false
  #failedStarts = 0
  #lastFailure: unknown
  #pause: NodeJS.Timeout | undefined
  #crashes = 0
  #recycled = 0
  #onDrained: (() => void) | undefined

  private constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Start all children and wait until they are ready. @throws EngineError engine_unavailable when one cannot start */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options)
    const children = Array.from({ length: options.processes }, () => pool.#startChild())
    try {
      await Promise.all(children.map((child) => child.ready))
    } catch (error) {
      await pool.close({ drainMs: 0 })
      if (error instanceof EngineError) throw error
      throw unavailable(error, ` ${(error as Error).message}`)
    }
    return pool
  }

  /**
   * Run a job, now or when a child is free.
   *
   * A cancelled job rejects as soon as it has stopped; one that had just finished may still resolve.
   *
   * @throws EngineError engine_busy, engine_closed, engine_unavailable, worker_crashed, aborted
   * @throws EngineError | TableError that the job itself failed with
   */
  run(job: PoolJob): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { signal } = job
      if (this.#isClosing) return reject(closed())
      if (signal?.aborted) return reject(aborted(signal))
      if (this.#isUnavailable()) return reject(unavailable(this.#lastFailure))
      const onAbort = () => this.#cancel(entry)
      const settled = () => {
        signal?.removeEventListener('abort', onAbort)
        this.#running.delete(entry)
        if (this.#running.size === 0) this.#onDrained?.()
      }
      const entry: Waiting = {
        id: this.#nextId++,
        job,
        resolve: (value) => {
          settled()
          resolve(value)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
        attempts: 0,
        child: undefined,
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#listOf(job).push(entry)
      this.#dispatch()
      if (this.#queue.length > this.#options.maxQueue && this.#queue.at(-1) === entry) {
        this.#queue.pop()
        entry.reject(
          new EngineError('engine_busy', 'All processes are busy and the queue is full. Try again shortly.', {
            details: { waiting: this.#queue.length, processes: this.#options.processes },
          }),
        )
      }
    })
  }

  get stats(): PoolStats {
    const children = [...this.#children]
    return {
      processes: children.filter((child) => child.isReady && !child.isDoomed).length,
      busy: children.filter((child) => child.isBusy).length,
      waiting: this.#queue.length,
      crashes: this.#crashes,
      recycled: this.#recycled,
      rssBytes: children.reduce((sum, child) => sum + child.rssBytes, 0),
    }
  }

  /** Refuse new and waiting jobs, let running ones finish for up to `drainMs`, then end all children. */
  async close({ drainMs }: { drainMs: number }): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#pause)
    for (const entry of this.#takeWaiting()) entry.reject(closed())
    if (this.#running.size > 0 && drainMs > 0) {
      const drained = new Promise<void>((resolve) => {
        this.#onDrained = resolve
      })
      const timer = setTimeout(() => this.#onDrained?.(), drainMs)
      await drained
      clearTimeout(timer)
    }
    const children = [...this.#children]
    for (const child of children) this.#end(child)
    await Promise.all(children.map((child) => child.exited))
  }

  #startChild(): WorkerChild {
    const child = new WorkerChild(this.#options)
    this.#children.add(child)
    child.ready.then(
      () => this.#onReady(child),
      (error: Error) => this.#onFailedStart(error),
    )
    void child.exited.then((reason) => this.#onExit(child, reason))
    return child
  }

  #onReady(child: WorkerChild): void {
    this.#failedStarts = 0
    this.#options.onEvent?.({ type: 'child-started', pid: child.pid })
    const predecessor = [...this.#children].find((other) => other.isRetiring && !other.isDoomed)
    if (predecessor) {
      predecessor.isDoomed = true
      if (predecessor.isIdle) this.#end(predecessor)
    }
    this.#dispatch()
  }

  #onFailedStart(error: Error): void {
    if (this.#isClosing) return
    this.#failedStarts++
    this.#lastFailure = error
    if (this.#isUnavailable()) {
      for (const entry of this.#takeWaiting()) entry.reject(unavailable(this.#lastFailure))
    }
  }

  #onExit(child: WorkerChild, reason: string): void {
    this.#children.delete(child)
    const expected = this.#ended.has(child)
    if (!expected) this.#crashes++
    this.#options.onEvent?.({ type: 'child-exited', pid: child.pid, reason, expected })
    if (this.#isClosing) return
    if (this.#failedStarts === 0) {
      this.#refill()
    } else if (!this.#pause) {
      const pauseMs = Math.min(LONGEST_PAUSE_MS, 100 * 2 ** this.#failedStarts)
      this.#pause = setTimeout(() => {
        this.#pause = undefined
        this.#refill()
      }, pauseMs)
    }
  }

  /** Start children until the wanted number is there. */
  #refill(): void {
    if (this.#isClosing || this.#pause) return
    let missing = this.#options.processes
    for (const child of this.#children) if (!child.isRetiring && !child.isGone) missing--
    for (; missing > 0; missing--) this.#startChild()
  }

  #isUnavailable(): boolean {
    if (this.#failedStarts < GIVE_UP_AFTER) return false
    return ![...this.#children].some((child) => child.isReady && !child.isGone)
  }

  #listOf({ background = false }: PoolJob): Waiting[] {
    return background ? this.#background : this.#queue
  }

  #takeWaiting(): Waiting[] {
    return [...this.#queue.splice(0), ...this.#background.splice(0)]
  }

  /** Give waiting jobs to idle children. */
  #dispatch(): void {
    this.#dispatchFrom(this.#queue)
    if (this.#queue.length === 0) this.#dispatchFrom(this.#background)
  }

  #dispatchFrom(list: Waiting[]): void {
    const most = Math.max(1, this.#options.processes - 1)
    for (let i = 0; i < list.length; ) {
      const idle = [...this.#children].filter((child) => child.isIdle && !child.isDoomed)
      if (idle.length === 0) return
      const entry = list[i]!
      const { affinity, heavy } = entry.job
      if (heavy && [...this.#running].filter((other) => other.job.heavy).length >= most) {
        i++
        continue
      }
      list.splice(i, 1)
      const holder = affinity === undefined ? undefined : idle.find((child) => child.held.has(affinity))
      void this.#assign(entry, holder ?? idle.find((child) => !child.isRetiring) ?? idle[0]!)
    }
  }

  async #assign(entry: Waiting, child: WorkerChild): Promise<void> {
    entry.child = child
    entry.attempts++
    this.#running.add(entry)
    try {
      const value = await child.run(entry.id, entry.job.payload, entry.job)
      entry.resolve(value)
    } catch (error) {
      entry.child = undefined
      if (error instanceof ChildExitError) this.#onLostChild(entry, error)
      else entry.reject(error as EngineError | TableError)
    }
    this.#afterJob(child)
  }

  #onLostChild(entry: Waiting, error: ChildExitError): void {
    const { job } = entry
    if (job.signal?.aborted) {
      entry.reject(aborted(job.signal))
    } else if (this.#isClosing) {
      entry.reject(closed())
    } else if (job.repeatable && entry.attempts < 2) {
      this.#running.delete(entry)
      this.#listOf(job).unshift(entry)
    } else {
      const message =
        'The process that computed this ended before it was done. Nothing was stored; send the request again.'
      entry.reject(new EngineError('worker_crashed', message, { cause: error }))
    }
  }

  #afterJob(child: WorkerChild): void {
    if (this.#isClosing) return
    if (child.isGone) {
      // Its job may be back in the queue.
    } else if (child.isDoomed) {
      this.#end(child)
    } else if (!child.isRetiring && this.#isWorn(child)) {
      this.#recycled++
      this.#options.onEvent?.({
        type: 'child-recycled',
        pid: child.pid,
        jobsDone: child.jobsDone,
        rssBytes: child.rssBytes,
      })
      child.isRetiring = true
      this.#refill()
    } else {
      // It stopped a cancelled job in time: should it end later, that is a crash.
      this.#ended.delete(child)
    }
    this.#dispatch()
  }

  #isWorn(child: WorkerChild): boolean {
    return (
      child.jobsDone >= this.#options.maxJobsPerChild ||
      child.rssBytes - child.baselineBytes > this.#options.maxGrowthBytes
    )
  }

  #cancel(entry: Waiting): void {
    const list = this.#listOf(entry.job)
    const at = list.indexOf(entry)
    if (at >= 0) {
      list.splice(at, 1)
      entry.reject(aborted(entry.job.signal))
    } else if (entry.child) {
      this.#ended.add(entry.child)
      entry.child.cancel(this.#options.cancelGraceMs)
    }
  }

  #end(child: WorkerChild): void {
    this.#ended.add(child)
    child.kill()
  }
}

function aborted(signal: AbortSignal | undefined): EngineError {
  return new EngineError('aborted', 'The request was cancelled.', { cause: signal?.reason })
}

function closed(): EngineError {
  return new EngineError('engine_closed', 'The server is shutting down. Send the request again in a moment.')
}

/** The reason may hold paths and stack traces: it is for logs, unless this is the start of the program. */
function unavailable(cause: unknown, reason = ''): EngineError {
  return new EngineError('engine_unavailable', `No process for computing could be started.${reason}`, {
    cause,
  })
}
