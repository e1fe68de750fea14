/** `POST /tabpfn/fit/{fitted_train_set_id}/predict`: rows in the request itself; ours, beside the published interface. */
import { z } from 'zod'
import { tabpfnConfigSchema } from './config.ts'
import { predictParamsSchema } from './predict.ts'
import { taskSchema } from './task.ts'

const cellSchema = z.union([z.number(), z.string(), z.boolean(), z.null()])

/** The body; what the cells hold is checked when they become columns. */
export const predictRowsRequestSchema = predictParamsSchema.extend({
  rows: z.array(z.unknown(), 'must be a list of rows'),
  task: taskSchema.nullish().describe('Default: the task of the fit; 422 when it differs'),
  tabpfn_config: tabpfnConfigSchema
    .nullish()
    .describe('Fields not given are those of the fit; other ensemble fields fit again behind the scenes'),
})

/** The whole body, for the document. `NaN` and infinities may stand in it as bare words. */
export const predictRowsBodySchema = predictRowsRequestSchema
  .extend({
    rows: z
      .union([z.array(z.array(cellSchema)), z.array(z.record(z.string(), cellSchema))])
      .describe(
        'Rows to predict: lists of cells in the order of the columns of the fit, or objects by the names of these columns; ' +
          'null = missing. At most 65,536 cells',
      ),
  })
  .meta({
    id: 'PredictRows',
    examples: [
      { rows: [[5.1, 3.5, 1.4, 0.2]] },
      { rows: [{ size: 81, street: 'north' }], output_type: 'quantiles', quantiles: [0.1, 0.5, 0.9] },
    ],
  })
