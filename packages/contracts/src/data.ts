/** Deleting data (tabpfn-api section 8). */
import { z } from 'zod'
import { requestIdSchema, responseIdSchema } from './tabpfn/ids.ts'

/** Which data set: a `train_set_upload_id` or a `test_set_upload_id`. */
export const deleteDatasetQuerySchema = z.object({
  dataset_uid: requestIdSchema.describe('The train_set_upload_id or test_set_upload_id to delete'),
})

export const deletedDatasetsSchema = z
  .object({ deleted_dataset_uids: z.array(responseIdSchema) })
  .meta({ id: 'DeletedDatasets', description: 'Training and test sets that are gone for good' })

/** An answer that says in words what has been done. */
export const messageResponseSchema = z
  .object({ message: z.string() })
  .meta({ id: 'Message', description: 'What has been done, in words' })
