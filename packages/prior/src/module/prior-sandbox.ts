/**
 * A module of a user in a process of its own. The process is started when it is needed, and again after it had to be
 * ended; what a module does in it, it does to itself alone.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ModuleError, moduleError } from './module-error.ts'
import { ENGINE_PAGES, GRACE_MS, MOST_CODE_BYTES, TIME_LIMITS, type TimeLimits } from './sandbox/limits.ts'
import type { DrawRequest, FromSandbox, PriorModule, RawSample, ToSandbox } from './sandbox/protocol.ts'

const ENTRY = fileURLToPath(new URL('./sandbox/sandbox-process.ts', import.meta.url))
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
/** What a process may read: its program, and where the packages of it are looked for and are. */
const READABLE = [
  PACKAGE,
  ...['@posterior/tabular', 'quickjs-wasi'].flatMap((name) => [
    ...ancestorsOf(PACKAGE).map((folder) => join(folder, 'node_modules', name)),
    packageOf(name),
  ]),
]

/** How the process is started: with the right to read its program, and nothing else. */
export const SANDBOX_FLAGS: readonly string[] = [
  '--permission',
  ...READABLE.map((folder) => `--allow-fs-read=${join(folder, '*')}`),
  '--disallow-code-generation-from-strings',
  '--max-old-space-size=128',
  `--wasm-max-mem-pages=${ENGINE_PAGES}`,
  '--disable-warning=ExperimentalWarning',
]

/** The process could not answer, through no fault of the module. */
export class SandboxLost extends Error {
  override readonly name = 'SandboxLost'
}

/** A draw failed: the first `samples` were drawn before. */
export interface FailedDraw {
  readonly samples: RawSample[]
  readonly error: ModuleError
}

export class PriorSandbox {
  readonly #module: PriorModule
  readonly #limits: TimeLimits
  #process: SandboxProcess | undefined
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(module: PriorModule, limits: TimeLimits = TIME_LIMITS) {
    this.#module = module
    this.#limits = limits
  }

  /**
   * Load the module.
   *
   * @returns the declaration of its prior, as JSON that nobody has looked at
   * @throws ModuleError when it does not load; SandboxLost
   */
  async declaration(): Promise<string> {
    return this.#inTurn(async () => (await this.#running()).declaration)
  }

  /**
   * Draw samples, one for each request, in their order.
   *
   * @returns those up to the first that failed, and why it did; SandboxLost is thrown
   */
  async draw(requests: readonly DrawRequest[]): Promise<RawSample[] | FailedDraw> {
    return this.#inTurn(async () => {
      const samples: RawSample[] = []
      try {
        const { process } = await this.#running()
        process.send({ type: 'draw', requests })
        while (samples.length < requests.length) samples.push(readSample(await process.answer()))
        return samples
      } catch (error) {
        if (!(error instanceof AnsweredFailure)) throw error
        return { samples, error: moduleError(this.#module, error.failure) }
      }
    })
  }

  /** Undefined before it is started. */
  get processId(): number | undefined {
    return this.#process?.processId
  }

  /** End the process. Draws in progress fail. */
  close(): void {
    this.#isClosed = true
    this.#process?.end()
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action)
    this.#last = result.catch(() => {})
    return result
  }

  async #running(): Promise<{ process: SandboxProcess; declaration: string }> {
    if (this.#isClosed) throw new SandboxLost('the sandbox is closed')
    if (this.#process?.isAlive) return { process: this.#process, declaration: this.#process.declaration }
    checkModule(this.#module)
    const process = new SandboxProcess(this.#limits.wallMs + GRACE_MS)
    this.#process = process
    process.send({ type: 'load', module: this.#module, limits: this.#limits })
    try {
      const message = await process.answer()
      if (message.type !== 'loaded') throw new SandboxLost(`the sandbox answered ${message.type}`)
      process.declaration = message.declaration
    } catch (error) {
      process.end()
      throw error instanceof AnsweredFailure ? moduleError(this.#module, error.failure) : error
    }
    return { process, declaration: process.declaration }
  }
}

class AnsweredFailure extends Error {
  readonly failure: Extract<FromSandbox, { type: 'failed' }>['failure']

  constructor(failure: Extract<FromSandbox, { type: 'failed' }>['failure']) {
    super(failure.message)
    this.failure = failure
  }
}

/** One process, and its answers in their order. */
class SandboxProcess {
  readonly #child: ChildProcess
  readonly #patienceMs: number
  readonly #answers: FromSandbox[] = []
  #waiting: (() => void) | undefined
  #end: string | undefined
  declaration = ''

  /** @param patienceMs wall time to wait for one answer */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
    this.#child = fork(ENTRY, [], {
      env: {},
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      execArgv: [...SANDBOX_FLAGS],
    })
    this.#child.on('message', (message: FromSandbox) => {
      this.#answers.push(message)
      this.#waiting?.()
    })
    this.#child.on('error', (error) => this.#over(error.message))
    this.#child.on('exit', (code, signal) => this.#over(signal ?? `exit code ${code}`))
  }

  get processId(): number | undefined {
    return this.#child.pid
  }

  get isAlive(): boolean {
    return this.#end === undefined && this.#child.connected
  }

  send(message: ToSandbox): void {
    if (this.isAlive) this.#child.send(message, () => {})
  }

  /** @throws AnsweredFailure, SandboxLost */
  async answer(): Promise<FromSandbox> {
    if (this.#answers.length === 0 && this.#end === undefined) await this.#next()
    const message = this.#answers.shift()
    if (message === undefined) throw new SandboxLost(`the sandbox's process ended: ${this.#end}`)
    if (message.type === 'failed') {
      if (message.isLost) this.end()
      throw new AnsweredFailure(message.failure)
    }
    if (message.type === 'broken') throw new SandboxLost(message.message)
    return message
  }

  end(): void {
    this.#over('it was ended')
    this.#child.kill('SIGKILL')
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#over(`no answer within ${this.#patienceMs / 1000} seconds`)
        this.end()
      }, this.#patienceMs)
      this.#waiting = () => {
        clearTimeout(timer)
        this.#waiting = undefined
        resolve()
      }
    })
  }

  #over(reason: string): void {
    this.#end ??= reason
    this.#waiting?.()
  }
}

function readSample(message: FromSandbox): RawSample {
  if (message.type !== 'drawn') throw new SandboxLost(`the sandbox answered ${message.type}`)
  return message.sample
}

/** @throws ModuleError for a module that cannot run here at all */
export function checkModule(module: PriorModule): void {
  const { file, code } = module
  const refuse = (message: string) => moduleError(module, { kind: 'rule', message, logs: [] })
  if (file.endsWith('.py')) {
    throw refuse(
      'this is Python; priors that run here are TypeScript or JavaScript modules, whose "implementation" is named such as prior.ts',
    )
  }
  if (!/\.(ts|js|mjs)$/.test(file)) throw refuse('the file name must end in .ts, .js or .mjs')
  const bytes = Buffer.byteLength(code)
  if (bytes > MOST_CODE_BYTES) {
    throw refuse(`the module has ${bytes} bytes; at most ${MOST_CODE_BYTES} are possible`)
  }
}

function ancestorsOf(folder: string): string[] {
  const parent = dirname(folder)
  return parent === folder ? [] : [parent, ...ancestorsOf(parent)]
}

/** Where it really is: a package of this repository is linked to. */
function packageOf(name: string): string {
  return dirname(realpathSync(findPackageJSON(name, import.meta.url)!))
}
