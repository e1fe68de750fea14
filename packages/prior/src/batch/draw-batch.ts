/** A batch of whichever prior its spec names. */

import type { Random } from '@posterior/tabular'
import { sampleCatalogueBatch } from '../catalogue/catalogue-batch.ts'
import { sampleBatch } from '../general/sample-batch.ts'
import type { BatchSpec, TaskBatch } from './batch-spec.ts'

/** Draw `spec.batch` datasets. Pure in (spec, state of `random`). @throws RangeError or PriorError for an impossible spec */
export function drawBatch(spec: BatchSpec, random: Random): TaskBatch {
  return spec.source ? sampleCatalogueBatch(spec, random) : sampleBatch(spec, random)
}
