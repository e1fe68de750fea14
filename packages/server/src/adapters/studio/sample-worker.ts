/** The program of the worker: draws samples, one order after the other. Code of projects runs in a process of its own. */
import { parentPort } from 'node:worker_threads'
import {
  ModuleError,
  ModuleSource,
  PriorError,
  type PriorSamples,
  requirePrior,
  sampleModule,
  samplePrior,
  samplesDocument,
} from '@posterior/prior'
import type { SampleAnswer, SampleTask } from './worker-prior-sampler.ts'

async function answer(task: SampleTask): Promise<SampleAnswer> {
  try {
    return { bytes: new TextEncoder().encode(JSON.stringify(samplesDocument(await draw(task)))) }
  } catch (error) {
    if (!(error instanceof PriorError)) throw error
    const { message, parameter } = error
    return { refused: { message, parameter, isModule: error instanceof ModuleError } }
  }
}

async function draw({ source, options }: SampleTask): Promise<PriorSamples> {
  if (source.kind === 'catalogue') return samplePrior(requirePrior(source.id), options)
  const opened = await ModuleSource.ofPrior(source.spec)
  try {
    return await sampleModule(opened, options)
  } finally {
    opened.close()
  }
}

parentPort?.on('message', (task: SampleTask) => {
  void answer(task).then((said) => parentPort?.postMessage(said))
})
