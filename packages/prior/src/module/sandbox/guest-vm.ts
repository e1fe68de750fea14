/**
 * A module in an engine of its own: QuickJS compiled to WebAssembly, which has no function of the host but those of
 * `HOST_FUNCTIONS`. Every sample begins from the same memory, the one after the module was loaded, so a sample is a
 * function of its parameters and its stream of random numbers alone, whatever was drawn before and wherever.
 */

import { Script } from 'node:vm'
import { Random } from '@posterior/tabular/random'
import { EvalFlags, Intrinsics, type JSValueHandle, QuickJS, type Snapshot } from 'quickjs-wasi'
import { HOST_FUNCTIONS, type HostState, toGuest } from './host-functions.ts'
import {
  LONGEST_LOG_LINE,
  MODULE_MEMORY_BYTES,
  MOST_LOG_LINES,
  MOST_SAMPLE_NUMBERS,
  type TimeLimits,
} from './limits.ts'
import type { DrawRequest, Failure, RawSample } from './protocol.ts'
import { type EngineError, readFailure } from './read-failure.ts'

/** Without clocks, and without what tells when memory is collected. */
const INTRINSICS =
  Intrinsics.ALL &
  ~(Intrinsics.DATE | Intrinsics.PERFORMANCE | Intrinsics.WEAK_REF | Intrinsics.DOM_EXCEPTION)
const INTRINSICS_WITHOUT_BASE64 = INTRINSICS & ~Intrinsics.ATOB_BTOA
const LIBRARY = 'posterior:library'
/** Memory that samples may leave behind before the engine is made anew. */
const SLACK_BYTES = 16 * 1024 * 1024
const PROMISE_REJECTED = 2
const NO_MODULE = /^there is no module "/

/** Runs `globalThis.posteriorCall` under the watch of a thread. */
const watched = new Script('posteriorCall()')

/** A module that failed. After a `limit` that the engine itself did not see it must not be used again. */
export class GuestFailure extends Error {
  readonly failure: Failure
  readonly isEngineLost: boolean

  constructor(failure: Failure, isEngineLost = false) {
    super(failure.message)
    this.failure = failure
    this.isEngineLost = isEngineLost
  }
}

export class GuestVm implements HostState {
  readonly #wasm: Uint8Array<ArrayBuffer>
  readonly #file: string
  readonly #limits: TimeLimits
  #vm: QuickJS | undefined
  #memory: { readonly buffer: ArrayBuffer } | undefined
  #random = Random.fromSeed()
  #logs: string[] = []
  #deadlineMs = 0
  #draw: JSValueHandle | undefined
  #start: { readonly snapshot: Snapshot; readonly draw: number } | undefined

  private constructor(wasm: Uint8Array<ArrayBuffer>, file: string, limits: TimeLimits) {
    this.#wasm = wasm
    this.#file = file
    this.#limits = limits
  }

  /**
   * Load a module.
   *
   * @param parts.library the programs that run before the module, without types
   * @param parts.source  the module, without types
   * @returns the engine, and the declaration of the module's prior as JSON
   * @throws GuestFailure
   */
  static async load(
    wasm: Uint8Array<ArrayBuffer>,
    parts: { library: readonly string[]; source: string; file: string; limits: TimeLimits },
  ): Promise<{ guest: GuestVm; declaration: string }> {
    const guest = new GuestVm(wasm, parts.file, parts.limits)
    const declaration = await guest.#load(parts)
    return { guest, declaration }
  }

  get vm(): QuickJS {
    return this.#vm!
  }

  get random(): Random {
    return this.#random
  }

  log(line: string): void {
    if (this.#logs.length < MOST_LOG_LINES) this.#logs.push(line.slice(0, LONGEST_LOG_LINE))
  }

  /** @throws GuestFailure */
  async draw({ parameters, random }: DrawRequest): Promise<RawSample> {
    await this.#reset()
    this.#random = Random.fromState(random)
    this.#logs = []
    const [layout, numbers] = this.#run(() => {
      const argument = this.vm.newString(parameters)
      return this.#readReply(this.vm.callFunction(this.#draw!, this.vm.undefined, argument), 'drawn')
    }) as [JSValueHandle, JSValueHandle]
    const values = readValues(layout.toString(), numbers.toArrayBuffer())
    if (!values) {
      throw new GuestFailure(
        this.#failure('rule', 'names of outputs must be words such as X, and arrays must stay arrays'),
      )
    }
    return { values, random: this.#random.state, logs: this.#logs }
  }

  async #load({ library, source }: { library: readonly string[]; source: string }): Promise<string> {
    this.#vm = await QuickJS.create({ ...this.#options(), intrinsics: INTRINSICS_WITHOUT_BASE64 })
    const { vm } = this
    const host = vm.newObject()
    for (const [name, action] of Object.entries(HOST_FUNCTIONS)) {
      host.setProp(
        name,
        vm.newFunction(name, (...args) => toGuest(this.vm, action(this, ...args))),
      )
    }
    vm.setProp(vm.global, 'posteriorHost', host)
    let exported = vm.undefined
    for (const program of library) exported = await this.#evaluate(program, LIBRARY)
    this.#draw = exported.getProp('draw')
    const adopt = exported.getProp('adopt')
    const namespace = await this.#evaluate(source, this.#file)
    const [declaration] = this.#run(() =>
      this.#readReply(vm.callFunction(adopt, vm.undefined, namespace), 'declared'),
    ) as [JSValueHandle]
    const text = declaration.toString()
    this.#remember()
    return text
  }

  async #evaluate(source: string, file: string): Promise<JSValueHandle> {
    const { vm } = this
    const promise = this.#run(() => {
      const result = vm.evalCode(source, file, EvalFlags.TYPE_MODULE)
      vm.executePendingJobs()
      return result
    })
    if (promise.promiseState === PROMISE_REJECTED) vm.markPromiseHandled(promise)
    else if (promise.promiseState === 0) {
      throw new GuestFailure(this.#failure('rule', 'the module awaits something that never happens'))
    }
    const settled = await vm.resolvePromise(promise)
    if ('value' in settled) return settled.value
    const error = this.#engineError(settled.error)
    throw new GuestFailure(readFailure(NO_MODULE.test(error.message) ? 'rule' : 'thrown', error, this.#file))
  }

  /** Memory as it was when the module was loaded. */
  async #reset(): Promise<void> {
    const { snapshot, draw } = this.#start!
    const memory = this.#memory!
    if (this.#vm && memory.buffer.byteLength <= snapshot.memory.byteLength + SLACK_BYTES) {
      new Uint8Array(memory.buffer).set(snapshot.memory)
      return
    }
    const vm = await QuickJS.restore(snapshot, this.#options())
    for (const [name, action] of Object.entries(HOST_FUNCTIONS)) {
      vm.registerHostCallback(name, (...args) => toGuest(this.vm, action(this, ...args)))
    }
    this.#vm = vm
    this.#draw = vm.importHandle(draw)
    this.#remember()
  }

  /** From here every sample begins. Handles that outlive a sample must lie in the memory that is remembered. */
  #remember(): void {
    const { vm } = this
    void vm.undefined
    const draw = vm.exportHandle(this.#draw!)
    this.#start = { snapshot: vm.snapshot(), draw }
  }

  #options() {
    return {
      wasm: this.#wasm,
      memoryLimit: MODULE_MEMORY_BYTES,
      timezoneOffset: 0,
      interruptHandler: () => cpuMs() > this.#deadlineMs,
      moduleLoader: {
        load: (name: string): string => {
          // See NO_MODULE.
          const error = new Error(`there is no module "${name}" here: a prior is one file, without imports`)
          error.stack = ''
          throw error
        },
      },
      wasi: (memory: { readonly buffer: ArrayBuffer }) => {
        this.#memory = memory
        return SILENT_SYSTEM(memory)
      },
    }
  }

  /** Let the engine work, within the limits. */
  #run<T>(action: () => T): T {
    this.#deadlineMs = cpuMs() + this.#limits.cpuMs
    const scope = globalThis as { posteriorCall?: () => void }
    let result: { value: T } | undefined
    scope.posteriorCall = () => {
      result = { value: action() }
    }
    try {
      watched.runInThisContext({ timeout: this.#limits.wallMs })
      return result!.value
    } catch (error) {
      // Whatever it was, the engine may be half way through something.
      this.#vm = undefined
      const { failure, isEngineLost } = this.#explain(error)
      throw new GuestFailure({ ...failure, logs: this.#logs }, isEngineLost)
    }
  }

  #explain(error: unknown): GuestFailure {
    if (error instanceof GuestFailure) return error
    const { code, name, message, stack } = error as Error & { code?: string }
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      return new GuestFailure(
        this.#failure('limit', `it did not end within ${this.#limits.wallMs / 1000} seconds`),
        true,
      )
    }
    const told: EngineError = { name, message: message ?? '', stack: stack ?? '' }
    if (/interrupted/.test(told.message)) {
      const words = `it used more than ${this.#limits.cpuMs / 1000} seconds of processor time; is there a loop without an end?`
      return new GuestFailure(readFailure('limit', { ...told, message: words }, this.#file))
    }
    if (/out of memory|memory access|allocat/i.test(told.message)) {
      return new GuestFailure(readFailure('limit', { ...told, message: OUT_OF_MEMORY }, this.#file))
    }
    const kind = name === 'SyntaxError' ? 'syntax' : NO_MODULE.test(told.message) ? 'rule' : 'thrown'
    return new GuestFailure(readFailure(kind, told, this.#file))
  }

  /** The parts of a reply of the library. @throws GuestFailure when it tells of an error */
  #readReply(reply: JSValueHandle, expected: string): JSValueHandle[] {
    const word = reply.getProp('0').toString()
    if (word === expected)
      return Array.from({ length: reply.length - 1 }, (_, i) => reply.getProp(String(i + 1)))
    const { rule, ...error } = JSON.parse(reply.getProp('1').toString()) as EngineError & { rule: boolean }
    if (!rule && /out of memory/.test(error.message)) {
      throw new GuestFailure(readFailure('limit', { ...error, message: OUT_OF_MEMORY }, this.#file))
    }
    const failure = readFailure(rule ? 'rule' : 'thrown', error, this.#file)
    throw new GuestFailure({ ...failure, logs: this.#logs })
  }

  #engineError(handle: JSValueHandle): EngineError {
    const text = (name: string) => {
      try {
        return handle.getProp(name).toString()
      } catch {
        return ''
      }
    }
    return handle.isError
      ? { name: text('name'), message: text('message'), stack: text('stack') }
      : { name: '', message: `it threw ${handle.typeof}`, stack: '' }
  }

  #failure(kind: Failure['kind'], message: string): Failure {
    return { kind, message, logs: this.#logs }
  }
}

const OUT_OF_MEMORY = `it used more than ${MODULE_MEMORY_BYTES / 1024 / 1024} MiB of memory`

/** The system as the engine sees it: time stands still, nothing is written, and nothing is random. */
function SILENT_SYSTEM(memory: { readonly buffer: ArrayBuffer }) {
  return {
    clock_time_get(_clock: number, _precision: bigint, result: number): number {
      new DataView(memory.buffer).setBigUint64(result, 0n, true)
      return 0
    },
    fd_write: () => 8,
    random_get(start: number, length: number): number {
      new Uint8Array(memory.buffer, start, length).fill(0)
      return 0
    },
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The library says how the numbers are laid out; what it says is believed only as far as it fits them. */
function readValues(layout: string, numbers: ArrayBuffer): RawSample['values'] | undefined {
  const data = new Float64Array(numbers)
  const entries = JSON.parse(layout) as [string, number[]][]
  if (data.length > MOST_SAMPLE_NUMBERS || !Array.isArray(entries)) return undefined
  const values: Record<string, { shape: number[]; data: Float64Array }> = {}
  let at = 0
  for (const [name, shape] of entries) {
    if (!/^[A-Za-z]\w{0,59}$/.test(name) || !Array.isArray(shape)) return undefined
    const size = shape.reduce((product, length) => product * length, 1)
    if (!Number.isInteger(size) || size < 0 || at + size > data.length) return undefined
    values[name] = { shape, data: data.slice(at, at + size) }
    at += size
  }
  return values
}
