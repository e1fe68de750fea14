import { Worker } from 'node:worker_threads'
import type { SampleOrder } from '@posterior/contracts'
import type { SamplePriorOptions } from '@posterior/prior'
import { AppError, invalidField } from '../../domain/app-error.ts'
import type { PriorSampler, PriorSource } from '../../domain/ports/prior-sampler.ts'

/** Longest time that samples are drawn. */
const LIMIT_MS = 60_000
/** A million cells, as numbers, as lists and as text. */
const HEAP_MB = 512
const MAX_WAITING = 32
/** Overrides that are no parameters of a prior, by their names in the order. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['count', 'seed'])

export interface SampleTask {
  source: PriorSource
  options: SamplePriorOptions
}

/** What the worker says at its end. */
export type SampleAnswer =
  | { bytes: Uint8Array }
  | { refused: { message: string; parameter: string | undefined; isModule: boolean } }

/** Draws samples in a worker thread, one order at a time, so that requests are answered meanwhile. */
export class WorkerPriorSampler implements PriorSampler {
  /** Kept for the next order, unless the last one had to be broken off. */
  #worker: Worker | undefined
  /** Ends when nothing is being drawn. */
  #idle: Promise<unknown> = Promise.resolve()
  #waiting = 0

  async sample(source: PriorSource, order: SampleOrder, signal: AbortSignal): Promise<Uint8Array> {
    if (source.kind === 'module' && source.spec.code === null) throw notRun(source.spec.slug)
    if (this.#waiting >= MAX_WAITING) throw new AppError('SERVER_BUSY', { headers: { 'retry-after': '2' } })
    const before = this.#idle
    this.#waiting++
    const drawing = (async () => {
      await before
      signal.throwIfAborted()
      return bytesOf(await this.#draw({ source, options: optionsOf(order) }, signal))
    })().finally(() => this.#waiting--)
    this.#idle = drawing.catch(() => {})
    return drawing
  }

  #draw(task: SampleTask, signal: AbortSignal): Promise<SampleAnswer> {
    const worker = this.#worker ?? startWorker()
    this.#worker = undefined
    return new Promise<SampleAnswer>((resolve, reject) => {
      const end = (error: Error) => {
        void worker.terminate()
        reject(error)
      }
      const timer = setTimeout(() => end(tooMuch('time')), LIMIT_MS)
      const onAbort = () => end(signal.reason as Error)
      const onMessage = (answer: SampleAnswer) => {
        settle()
        this.#worker = worker
        resolve(answer)
      }
      const onError = (error: Error & { code?: string }) => {
        settle()
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch('memory') : error)
      }
      const onExit = (code: number) => {
        settle()
        reject(new Error(`the worker that draws samples ended with code ${code} and said nothing`))
      }
      const settle = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      worker.on('message', onMessage).on('error', onError).on('exit', onExit)
      worker.postMessage(task)
    })
  }
}

/** It does not keep the program from ending. */
function startWorker(): Worker {
  const worker = new Worker(new URL('./sample-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  worker.unref()
  return worker
}

function notRun(slug: string): AppError {
  const { message } = new AppError('PRIOR_NOT_RUN', { params: { slug } })
  return new AppError('PRIOR_NOT_RUN', { message, errors: [{ field: 'priorId', message }] })
}

function tooMuch(what: string): AppError {
  return invalidField('count', `drawing these samples takes too much ${what}; ask for fewer or smaller ones`)
}

function optionsOf({ count, seed, overrides }: SampleOrder): SamplePriorOptions {
  return { ...(count != null && { count }), ...(seed != null && { seed }), ...(overrides && { overrides }) }
}

function bytesOf(answer: SampleAnswer): Uint8Array {
  if ('bytes' in answer) return answer.bytes
  const { message, parameter, isModule } = answer.refused
  if (isModule) throw invalidField('priorId', message)
  if (parameter === undefined) throw invalidField('overrides', message)
  throw invalidField(OWN_FIELDS.has(parameter) ? parameter : `overrides.${parameter}`, message)
}
