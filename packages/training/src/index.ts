export type { BatchSpec, TaskBatch } from './prior/batch-spec.ts'
export { PriorPool } from './prior/prior-pool.ts'
export { sampleBatch } from './prior/sample-batch.ts'
