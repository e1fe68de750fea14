/** Worker thread of `PriorPool`: one batch per message, its buffers handed over without a copy. */

import { parentPort } from 'node:worker_threads'
import { Random } from '@posterior/tabular'
import type { BatchSpec, TaskBatch } from './batch-spec.ts'
import { sampleBatch } from './sample-batch.ts'

export interface PriorRequest {
  id: number
  spec: BatchSpec
  seed: (number | string)[]
}

export type PriorReply = { id: number; batch: TaskBatch } | { id: number; error: string }

const port = parentPort
if (!port) throw new Error('prior-worker.ts runs in a worker thread; use PriorPool.')

port.on('message', ({ id, spec, seed }: PriorRequest) => {
  try {
    const batch = sampleBatch(spec, Random.fromSeed(...seed))
    const buffers = [batch.xTrain, batch.xTest, batch.yTrain, batch.yTest, batch.classCounts, batch.columnIds]
    port.postMessage(
      { id, batch } satisfies PriorReply,
      buffers.map((array) => array.buffer),
    )
  } catch (error) {
    port.postMessage({
      id,
      error: error instanceof Error ? error.message : String(error),
    } satisfies PriorReply)
  }
})
