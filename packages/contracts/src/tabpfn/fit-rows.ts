/** `POST /tabpfn/fit_rows`: a fit whose table stands in the request; ours, beside the published interface. */
import { z } from 'zod'
import { tabpfnConfigSchema } from './config.ts'
import { fitRequestSchema } from './fit.ts'
import { taskSchema } from './task.ts'

const { thinking_effort, thinking_timeout_s, thinking_metric, force_refit, async_mode } =
  fitRequestSchema.shape
const cellSchema = z.union([z.number(), z.string(), z.boolean(), z.null()])

/** The body; what the cells hold is checked when they become columns. */
export const fitRowsRequestSchema = z.object({
  rows: z.array(z.unknown(), 'must be a list of rows'),
  y: z.array(z.unknown(), 'must be a list of values, one per row').nullish(),
  target: z
    .string()
    .nullish()
    .describe('In place of y, when rows are objects: the name of the target among the columns'),
  task: taskSchema,
  tabpfn_config: tabpfnConfigSchema.nullish(),
  thinking_effort,
  thinking_timeout_s,
  thinking_metric,
  force_refit,
  async_mode,
  description: z.string().max(10_000).nullish().describe('What the data are, for `GET /get_data_summary`'),
})

/** The whole body, for the document. `NaN` and infinities may stand in it as bare words. */
export const fitRowsBodySchema = fitRowsRequestSchema
  .extend({
    rows: z
      .union([z.array(z.array(cellSchema)), z.array(z.record(z.string(), cellSchema))])
      .describe('Training rows: lists of cells, or objects by the names of the columns; null = missing'),
    y: z.array(cellSchema).nullish().describe('The target, one value per row'),
  })
  .meta({
    id: 'FitRows',
    examples: [
      {
        task: 'classification',
        rows: [
          [1.2, 'a'],
          [3.4, 'b'],
          [2.2, 'a'],
          [3.1, 'b'],
        ],
        y: ['no', 'yes', 'no', 'yes'],
      },
      {
        task: 'regression',
        target: 'price',
        rows: [
          { size: 60, price: 200 },
          { size: 81, price: 300 },
        ],
      },
    ],
  })
