/** Synthetic datasets of the general prior as the arrays that the training graph takes. */

import type { Random } from '@posterior/tabular'
import { type BatchSpec, checkBatchSpec, type TaskBatch } from '../batch/batch-spec.ts'
import { emptyBatch, writeCells, writeColumnIds, writeTargets } from '../batch/write-batch.ts'
import { sampleTask } from './sample-task.ts'

const QUANTILE_SHARE = 0.25

/**
 * Draw `spec.batch` datasets. Pure in (spec, state of `random`); every dataset comes from its own fork, so that the
 * first datasets of a larger batch are those of a smaller one.
 *
 * @throws RangeError when the spec names an impossible shape
 */
export function sampleBatch(spec: BatchSpec, random: Random): TaskBatch {
  checkBatchSpec(spec)
  const batch = emptyBatch(spec)
  for (let b = 0; b < spec.batch; b++) {
    const draw = random.fork('dataset', b)
    const task = sampleTask(spec, draw)
    batch.families.push(task.family)
    batch.classCounts[b] = task.classes
    writeCells(batch, b, task.columns, { quantileShare: QUANTILE_SHARE, random: draw })
    writeTargets(batch, b, task.y, draw)
    writeColumnIds(batch, b, draw)
  }
  random.nextInt32()
  return batch
}
