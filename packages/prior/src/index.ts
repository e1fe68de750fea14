export {
  type BatchSpec,
  CLASS_SLOT_COUNT,
  COLUMN_ID_WIDTH,
  checkBatchSpec,
  type TaskBatch,
} from './batch/batch-spec.ts'
export { sampleBatch } from './general/sample-batch.ts'
