/** The parent's handle on one child process: start it, give it one job at a time, end it. */
import { type ChildProcess, fork } from 'node:child_process'
import { EngineError } from '../errors.ts'
import { MemoryGuard } from './memory-guard.ts'
import type { ChildMessage, ChildStatus, ParentMessage, TableSize } from './messages.ts'
import { fromWireError } from './wire-error.ts'

export interface ChildOptions {
  /** Module that calls serveJobs. */
  readonly entry: URL
  /** Passed to the module's handler; must survive structured cloning. */
  readonly settings: unknown
  /** A child that is not ready after this long counts as failed. */
  readonly startTimeoutMs: number
  /** A child whose resident memory grows beyond this while it works is ended, and its job fails for good. */
  readonly maxResidentBytes: number
  /** The child's whole environment; nothing is inherited, so that it holds no secrets of the parent's. */
  readonly environment: Readonly<Record<string, string>>
}

/** The child ended, by itself or by force, while it was starting or had a job. */
export class ChildExitError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ChildExitError'
  }
}

/** Told how a job gets on. */
export interface JobWatch {
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Told the size of the table of a prediction or of a fit with thinking when it has been read. */
  readonly onRead?: ((size: TableSize) => void) | undefined
}

interface RunningJob {
  readonly id: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly watch: JobWatch
}

const KEPT_OUTPUT = 4000

export class WorkerChild {
  /** Settles once: when the child has loaded its settings, or could not. */
  readonly ready: Promise<void>
  /** Resolves when the process is gone, with a sentence on how it ended. */
  readonly exited: Promise<string>
  isReady = false
  isGone = false
  /** A successor is starting or running; no longer counted, still serves until that one is ready. */
  isRetiring = false
  /** To be ended as soon as its job is done. */
  isDoomed = false
  jobsDone = 0
  held: ReadonlySet<string> = new Set()
  rssBytes = 0
  /** Memory when it was ready, before any job. */
  baselineBytes = 0

  readonly #process: ChildProcess
  #job: RunningJob | undefined
  #output = ''
  #killTimer: NodeJS.Timeout | undefined
  readonly #memory: MemoryGuard
  #tooLarge: EngineError | undefined

  constructor(options: ChildOptions) {
    this.#process = fork(options.entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...options.environment },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    this.#memory = new MemoryGuard(options.maxResidentBytes, (bytes) => {
      this.#tooLarge = tooLarge(bytes, options.maxResidentBytes)
      this.kill()
    })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-KEPT_OUTPUT)
      })
    }
    const { promise: ready, resolve: setReady, reject: failReady } = Promise.withResolvers<void>()
    this.ready = ready
    // Whoever does not wait for it still sees the failure through `exited`.
    ready.catch(() => {})
    const timer = setTimeout(() => {
      failReady(new ChildExitError(`It was not ready after ${options.startTimeoutMs} ms.`))
      this.kill()
    }, options.startTimeoutMs)
    this.exited = new Promise((resolve) => {
      const onGone = (reason: string) => {
        if (this.isGone) return
        this.isGone = true
        clearTimeout(timer)
        clearTimeout(this.#killTimer)
        this.#memory.stop()
        failReady(new ChildExitError(reason))
        const job = this.#job
        this.#job = undefined
        job?.reject(this.#tooLarge ?? new ChildExitError(reason))
        resolve(reason)
      }
      this.#process.on('error', (error) => onGone(`It could not be started: ${error.message}.`))
      this.#process.once('exit', (code, signal) => onGone(this.#describeExit(code, signal)))
    })
    this.#process.on('message', (message: ChildMessage) => {
      if (message.type === 'ready') {
        clearTimeout(timer)
        this.#note(message.status)
        this.baselineBytes = message.status.rssBytes
        this.isReady = true
        setReady()
      } else if (message.type === 'failed-start') {
        failReady(fromWireError(message.error))
        this.kill()
      } else {
        this.#onJobMessage(message)
      }
    })
    this.#send({ type: 'start', settings: options.settings })
  }

  get pid(): number {
    return this.#process.pid ?? -1
  }

  get isIdle(): boolean {
    return this.isReady && !this.isGone && this.#job === undefined
  }

  get isBusy(): boolean {
    return this.#job !== undefined
  }

  /**
   * Run one job; the child must be idle.
   *
   * @throws ChildExitError when the process ends before it answers
   * @throws EngineError too_large_for_memory when it took more than `maxResidentBytes`
   * @throws EngineError | TableError that the child answered with
   */
  run(id: number, job: unknown, watch: JobWatch = {}): Promise<unknown> {
    if (!this.isIdle) throw new Error('A job was given to a child that is not idle.')
    return new Promise((resolve, reject) => {
      this.#job = { id, resolve, reject, watch }
      this.#memory.watch(this.pid)
      try {
        this.#send({ type: 'job', id, job })
      } catch (error) {
        this.#job = undefined
        this.#memory.stop()
        reject(error)
      }
    })
  }

  /** Ask the child to drop its job; end it when it has not answered after `graceMs`. */
  cancel(graceMs: number): void {
    const job = this.#job
    if (!job || this.#killTimer) return
    this.#send({ type: 'cancel', id: job.id })
    this.#killTimer = setTimeout(() => this.kill(), graceMs)
  }

  /** End the process at once. What it has on disk is whole at any moment. */
  kill(): void {
    if (!this.isGone) this.#process.kill('SIGKILL')
  }

  #onJobMessage(message: Extract<ChildMessage, { id: number }>): void {
    const job = this.#job
    if (!job || job.id !== message.id) return
    if (message.type === 'progress') {
      job.watch.onProgress?.(message.done, message.total)
      return
    }
    if (message.type === 'read') {
      job.watch.onRead?.(message.size)
      return
    }
    this.#job = undefined
    this.#memory.stop()
    clearTimeout(this.#killTimer)
    this.#killTimer = undefined
    this.jobsDone++
    this.#note(message.status)
    if (message.type === 'result') job.resolve(message.value)
    else job.reject(fromWireError(message.error))
  }

  #note(status: ChildStatus): void {
    this.rssBytes = status.rssBytes
    if (status.held) this.held = new Set(status.held)
  }

  #send(message: ParentMessage): void {
    // Without a callback a failed send is an 'error' event; a closed channel is followed by 'exit' anyway.
    if (this.#process.connected) this.#process.send(message, () => {})
  }

  #describeExit(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal ? `It was ended by ${signal}` : `It exited with code ${code}`
    const said = this.#output.trim()
    return said === '' ? `${how}.` : `${how}; its last words: ${said}`
  }
}

function tooLarge(bytes: number, limit: number): EngineError {
  const mib = (count: number) => `${Math.round(count / 2 ** 20)} MiB`
  return new EngineError(
    'too_large_for_memory',
    `This took ${mib(bytes)} of memory, more than the ${mib(limit)} that one process may take, and was broken off. ` +
      'Send smaller tables, or give the server more memory or fewer processes.',
    { details: { neededBytes: bytes, allowedBytes: limit } },
  )
}
