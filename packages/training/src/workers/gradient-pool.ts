/** A fixed number of gradient workers and the memory they share with the trainer. */
import { Worker } from 'node:worker_threads'
import type { Provider } from '@posterior/engine'
import type { ModelConfig } from '@posterior/model'
import type { BatchSpec, DeclaredModule } from '@posterior/prior'
import { TrainingError } from '../run/training-error.ts'
import type { MicroBatchFailure, MicroBatchRequest, MicroBatchResult, WorkerSetup } from './protocol.ts'

type Job = Omit<MicroBatchRequest, 'id' | 'weightsVersion'>

export interface MicroBatch {
  readonly spec: BatchSpec
  readonly seed: readonly (number | string)[]
}

/** How a pool computes. */
export interface PoolOptions {
  workers: number
  threads: number
  /** Micro-batches of a step. */
  slots: number
  module?: DeclaredModule | undefined
  provider?: Provider | undefined
}

export class GradientPool {
  readonly #workers: Worker[]
  readonly #weights: Float32Array
  readonly #gradients: Float32Array
  readonly #waiting: { job: Job; resolve: (r: MicroBatchResult) => void; reject: (e: Error) => void }[] = []
  readonly #running = new Map<
    number,
    { resolve: (r: MicroBatchResult) => void; reject: (e: Error) => void }
  >()
  readonly #idle: Worker[]
  readonly #length: number
  #nextId = 0
  #weightsVersion = 0

  constructor(config: ModelConfig, length: number, options: PoolOptions) {
    const weights = new SharedArrayBuffer(length * 4)
    const gradients = new SharedArrayBuffer(length * 4 * options.slots)
    const { threads, module, provider } = options
    const workerData: WorkerSetup = { config, threads, module, provider, weights, gradients }
    this.#length = length
    this.#weights = new Float32Array(weights)
    this.#gradients = new Float32Array(gradients)
    this.#workers = Array.from({ length: options.workers }, () => this.#start(workerData))
    this.#idle = [...this.#workers]
  }

  /** Make these the weights of all requests that follow. */
  setWeights(weights: Float32Array): void {
    this.#weights.set(weights)
    this.#weightsVersion += 1
  }

  /**
   * The mean gradient over all datasets of the micro-batches, written to `gradient`. The sum runs in the order of the
   * micro-batches, so the result does not depend on the number of workers.
   */
  async gradient(microBatches: readonly MicroBatch[], gradient: Float32Array): Promise<MicroBatchResult[]> {
    const datasets = microBatches.reduce((total, { spec }) => total + spec.batch, 0)
    const results = await Promise.all(
      microBatches.map(({ spec, seed }, slot) =>
        this.#submit({ kind: 'gradient', spec, seed, slot, share: spec.batch / datasets }),
      ),
    )
    gradient.fill(0)
    for (let slot = 0; slot < microBatches.length; slot++) {
      const part = this.#gradients.subarray(slot * this.#length, (slot + 1) * this.#length)
      for (let i = 0; i < gradient.length; i++) gradient[i]! += part[i]!
    }
    return results
  }

  /** Losses and baselines without gradients. */
  evaluate(microBatches: readonly MicroBatch[]): Promise<MicroBatchResult[]> {
    return Promise.all(
      microBatches.map(({ spec, seed }) =>
        this.#submit({ kind: 'evaluation', spec, seed, slot: 0, share: 1 }),
      ),
    )
  }

  /** Ends the workers. Call it when nothing is running: a thread that is ended inside ONNX Runtime takes the process. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #submit(job: Job): Promise<MicroBatchResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject })
      this.#dispatch()
    })
  }

  #dispatch(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = this.#idle.pop()!
      const { job, resolve, reject } = this.#waiting.shift()!
      const id = this.#nextId++
      this.#running.set(id, { resolve, reject })
      worker.postMessage({ ...job, id, weightsVersion: this.#weightsVersion } satisfies MicroBatchRequest)
    }
  }

  #start(workerData: WorkerSetup): Worker {
    const worker = new Worker(new URL('./gradient-worker.ts', import.meta.url), { workerData })
    worker.on('message', (message: MicroBatchResult | MicroBatchFailure) => {
      const caller = this.#running.get(message.id)!
      this.#running.delete(message.id)
      this.#idle.push(worker)
      if ('error' in message) caller.reject(failureOf(message))
      else caller.resolve(message)
      this.#dispatch()
    })
    worker.on('error', (error) => {
      for (const caller of this.#running.values()) caller.reject(error)
      this.#running.clear()
    })
    return worker
  }
}

function failureOf({ error, isExpected }: MicroBatchFailure): Error {
  return isExpected ? new TrainingError(error) : new Error(`a gradient worker failed: ${error}`)
}
