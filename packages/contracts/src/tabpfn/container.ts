/**
 * The interface of an inference container: one call that carries training rows and rows to predict, or the id of a
 * model in place of the training rows (tabpfn-api section 10). Keys of the data are `X_train` or `x_train`.
 */
import { z } from 'zod'
import { fitRequestSchema, fitTaskConfigSchema } from './fit.ts'
import { predictParamsSchema, predictResponseSchema } from './predict.ts'
import { MODEL_VERSIONS } from './settings.ts'

const { tabpfn_systems, thinking_effort, thinking_timeout_s, thinking_effort_metric, thinking_metric } =
  fitRequestSchema.shape

/** Everything but the tables; beside Parquet files it is the form field `request`. */
export const containerRequestSchema = z
  .object({
    task_config: fitTaskConfigSchema.extend({ predict_params: predictParamsSchema.nullish() }),
    context: z
      .object({ model_id: z.string().min(1).max(200) })
      .nullish()
      .describe('A model of an earlier answer, in place of X_train and y_train'),
    model_version: z.enum(MODEL_VERSIONS).nullish().describe('Every version is the default model here'),
    tabpfn_systems,
    thinking_effort,
    thinking_timeout_s,
    thinking_effort_metric,
    thinking_metric,
  })
  .meta({ id: 'ContainerRequest' })

export type ContainerRequest = z.infer<typeof containerRequestSchema>

const cellSchema = z.union([z.number(), z.string(), z.boolean(), z.null()])
const rowsSchema = z.array(z.array(cellSchema))

/** The whole body in JSON. `NaN` and infinities may stand in it as bare words. */
export const containerBodySchema = containerRequestSchema
  .extend({
    X_train: rowsSchema.optional().describe('Rows of feature values; also as x_train'),
    y_train: z
      .union([rowsSchema, z.array(cellSchema)])
      .optional()
      .describe('One value, or a row of one value, per row of X_train'),
    X_test: rowsSchema.describe('Rows to predict; also as x_test'),
  })
  .meta({
    id: 'ContainerBody',
    examples: [
      {
        task_config: { task: 'classification' },
        X_train: [
          [1, 'a'],
          [2, 'b'],
          [3, null],
        ],
        y_train: ['no', 'yes', 'yes'],
        X_test: [[2.5, 'b']],
      },
    ],
  })

export const containerResponseSchema = predictResponseSchema
  .extend({ model_id: z.string().describe('Send it as context.model_id to predict without training rows') })
  .meta({ id: 'ContainerResponse' })

export const pingResponseSchema = z.object({ status: z.literal('ready') }).meta({ id: 'Ping' })
