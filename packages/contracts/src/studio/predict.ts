/**
 * The Predict API: labelled context rows and rows to answer in one call. The shapes and the texts of two errors are those
 * of PFN Studio; every further field is ours and comes beside them, so that a program that reads `predictions` alone
 * keeps working.
 */
import { z } from 'zod'
import { MAX_ESTIMATORS, MAX_QUANTILES } from '../limits.ts'

/** Share of the probability between `lower` and `upper` when none is asked for. */
export const DEFAULT_INTERVAL = 0.9

/** Most steps of one forecast. */
export const MAX_HORIZON = 1000

/** Most sampled futures of one forecast. */
export const MAX_PATHS = 256

/** Most lags of the rows that a series becomes. */
export const MAX_LAGS = 256

export const STUDIO_TASKS = ['regression', 'classification', 'time_series'] as const

export type StudioTask = (typeof STUDIO_TASKS)[number]

const cellSchema = z.number().nullable()
const rowsSchema = z
  .union([z.array(z.array(cellSchema)), z.array(cellSchema)])
  .describe('Rows of numbers, all of one width; null = missing. A list of numbers is one column')

/** Everything but the tables. */
export const studioPredictSettingsSchema = z.object({
  task: z
    .enum(STUDIO_TASKS)
    .nullish()
    .describe(
      'Default: classification when there are labels, time_series when there is a horizon, else regression',
    ),
  n_estimators: z
    .int()
    .min(1)
    .max(MAX_ESTIMATORS)
    .nullish()
    .describe(
      'Ensemble members; more are slower and a little better. Default 4 for classes from at most 2,048 labelled cells, else 1',
    ),
  random_state: z.int().nullish().describe('Seed of everything random; default 0'),
  point: z.enum(['mean', 'median']).nullish().describe('What `predictions` holds of a number; default mean'),
  interval: z.number().gt(0).lt(1).nullish().describe('Probability between `lower` and `upper`; default 0.9'),
  quantiles: z
    .array(z.number().min(0).max(1))
    .min(1)
    .max(MAX_QUANTILES)
    .nullish()
    .describe('Levels of `quantiles`; default the nine deciles'),
  distribution: z.boolean().nullish().describe('Whether to answer whole distributions; default false'),
  horizon: z.int().min(1).max(MAX_HORIZON).nullish().describe('Steps to forecast'),
  season: z
    .number()
    .min(2)
    .nullish()
    .describe('Steps of one season of a series; default: found in the history, if there is one'),
  lags: z
    .int()
    .min(1)
    .max(MAX_LAGS)
    .nullish()
    .describe('Past values in each row that a series becomes; default from season and length'),
  paths: z.int().min(2).max(MAX_PATHS).nullish().describe('Sampled futures of a forecast; default 64'),
})

export type StudioPredictSettings = z.infer<typeof studioPredictSettingsSchema>

/** The whole body, for the document. `NaN` may stand for null as a bare word. */
export const studioPredictBodySchema = studioPredictSettingsSchema
  .extend({
    context: z.object({
      x: rowsSchema.nullish(),
      y: z.array(cellSchema).nullish().describe('One number per row of x, or a series in time order'),
      labels: z.array(z.int()).nullish().describe('One whole number per row of x, in place of y'),
    }),
    query: z
      .object({ x: rowsSchema.nullish() })
      .nullish()
      .describe('Rows to answer, as wide as those of the context; a forecast needs none'),
  })
  .meta({
    id: 'StudioPredict',
    examples: [
      { context: { x: [[1], [2], [3]], y: [2.1, 3.9, 6.2] }, query: { x: [[1.5], [2.5]] } },
      { context: { x: [[1], [2], [8], [9]], labels: [0, 0, 1, 1] }, query: { x: [[1.5]] } },
      { context: { y: [3, 5, 4, 3, 5, 4, 3, 5, 4] }, horizon: 3 },
    ],
  })

/** The body as callers write it. */
export type StudioPredictBody = z.input<typeof studioPredictBodySchema>

const numbersSchema = z.array(z.number())

export const studioPredictionSchema = z
  .object({
    predictions: numbersSchema.describe('One per row of the query or step, in order: a number or a class'),
    task: z.enum(STUDIO_TASKS),
    context_size: z.int().describe('Context rows; of a series, values of the history'),
    query_size: z.int(),
    classes: z.array(z.int()).optional().describe('The labels of the context, increasing'),
    probabilities: z
      .array(numbersSchema)
      .optional()
      .describe('[row][class], classes in the order of `classes`'),
    interval: z.number().optional().describe('Probability between lower and upper'),
    lower: numbersSchema.optional(),
    upper: numbersSchema.optional(),
    quantiles: z.record(z.string(), numbersSchema).optional().describe('By level, such as "0.1"'),
    distribution: z
      .object({ borders: numbersSchema, logits: z.array(numbersSchema) })
      .optional()
      .describe('Bars: increasing borders, and for each row the log of the probability of each bucket'),
    season: z.number().nullish().describe('Of a forecast: steps of the season in use, null for none'),
    lags: z.int().optional().describe('Of a forecast: past values in each row'),
    model: z.string(),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'StudioPrediction' })

export type StudioPrediction = z.infer<typeof studioPredictionSchema>
