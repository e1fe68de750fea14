/** The program of the worker: draws samples, one order after the other. */
import { parentPort } from 'node:worker_threads'
import { PriorError, requirePrior, samplePrior, samplesDocument } from '@posterior/prior'
import type { SampleAnswer, SampleTask } from './worker-prior-sampler.ts'

function answer({ id, options }: SampleTask): SampleAnswer {
  try {
    const document = samplesDocument(samplePrior(requirePrior(id), options))
    return { bytes: new TextEncoder().encode(JSON.stringify(document)) }
  } catch (error) {
    if (!(error instanceof PriorError)) throw error
    return { refused: { message: error.message, parameter: error.parameter } }
  }
}

parentPort?.on('message', (task: SampleTask) => parentPort?.postMessage(answer(task)))
