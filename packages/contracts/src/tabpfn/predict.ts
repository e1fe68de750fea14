/** `POST /tabpfn/predict` (tabpfn-api section 6). */
import { z } from 'zod'
import { MAX_QUANTILES } from '../limits.ts'
import { tabpfnConfigSchema } from './config.ts'
import { requestIdSchema } from './ids.ts'
import { type Task, taskSchema } from './task.ts'
import { thinkingReportSchema } from './thinking.ts'

/** What may be asked for, per task; the first is the default. */
export const OUTPUT_TYPES = {
  classification: ['probas', 'preds'],
  regression: ['mean', 'median', 'mode', 'quantiles', 'full', 'main'],
} as const satisfies Record<Task, readonly string[]>

export type ClassificationOutput = (typeof OUTPUT_TYPES.classification)[number]
export type RegressionOutput = (typeof OUTPUT_TYPES.regression)[number]
export type OutputType = ClassificationOutput | RegressionOutput

/** Quantile levels when none are given: the nine deciles. */
export const DEFAULT_QUANTILES: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

export const predictParamsSchema = z
  .object({
    output_type: z.enum([...OUTPUT_TYPES.classification, ...OUTPUT_TYPES.regression]).nullish(),
    quantiles: z
      .array(z.number().min(0).max(1))
      .min(1)
      .max(MAX_QUANTILES)
      .nullish()
      .describe('Levels for "quantiles", "main" and "full"; default the nine deciles'),
  })
  .meta({ id: 'PredictParams' })

export const predictRequestSchema = z
  .object({
    test_set_upload_id: requestIdSchema,
    fitted_train_set_id: requestIdSchema,
    task_config: z.object({
      task: taskSchema.nullish().describe('Default: the task of the fit; 422 when it differs'),
      tabpfn_config: tabpfnConfigSchema
        .nullish()
        .describe('Fields not given are those of the fit; other ensemble fields fit again behind the scenes'),
      predict_params: predictParamsSchema.nullish(),
    }),
    force_refit: z.boolean().nullish().describe('No effect: rows to predict are read anew each time'),
  })
  .meta({
    id: 'PredictRequest',
    examples: [
      {
        fitted_train_set_id: '0b9d7c52-7b0e-4f6e-9a4e-9a7f1c2d3e4f',
        test_set_upload_id: 'c1a5d0e7-2f3b-4c6d-8e9f-1a2b3c4d5e6f',
        task_config: { task: 'classification', predict_params: { output_type: 'probas' } },
      },
      {
        fitted_train_set_id: '0b9d7c52-7b0e-4f6e-9a4e-9a7f1c2d3e4f',
        test_set_upload_id: 'c1a5d0e7-2f3b-4c6d-8e9f-1a2b3c4d5e6f',
        task_config: {
          task: 'regression',
          predict_params: { output_type: 'quantiles', quantiles: [0.1, 0.5, 0.9] },
        },
      },
    ],
  })

export type PredictRequest = z.infer<typeof predictRequestSchema>

export const labelSchema = z.union([z.string(), z.number(), z.boolean()])

/** A class label in its original JSON type. */
export type Label = z.infer<typeof labelSchema>

const vector = z.array(z.number())
const matrix = z.array(vector)

export const mainPredictionSchema = z
  .object({
    mean: vector,
    median: vector,
    mode: vector,
    quantiles: matrix.describe('[quantile][row]'),
  })
  .meta({ id: 'MainPrediction' })

export const fullPredictionSchema = mainPredictionSchema
  .extend({
    logits: matrix.describe('[row][bucket]: log-probabilities of the buckets'),
    borders: vector.describe('Bucket borders in units of the target, one more than buckets'),
  })
  .meta({ id: 'FullPrediction' })

export const predictMetadataSchema = z
  .object({
    task: taskSchema,
    package_version: z.string(),
    tabpfn_config: z.record(z.string(), z.unknown()).describe('The resolved configuration'),
    test_set_num_rows: z.int(),
    test_set_num_cols: z.int(),
    n_estimators: z.int(),
    classes: z.array(labelSchema).optional().describe('Column order of probas'),
    model: z.string().describe('Name of the model that answered'),
    warnings: z.array(z.string()).describe('What was degraded or out of range; empty when nothing'),
    thinking: thinkingReportSchema.optional().describe('Of a fit with thinking'),
  })
  .meta({ id: 'PredictMetadata' })

export type PredictMetadata = z.infer<typeof predictMetadataSchema>

export const predictResponseSchema = z
  .object({
    // The full form comes first: the main form would match it and drop the rest.
    prediction: z.union([z.array(labelSchema), matrix, fullPredictionSchema, mainPredictionSchema]),
    metadata: predictMetadataSchema,
  })
  .meta({ id: 'PredictResponse' })

export type PredictResponse = z.infer<typeof predictResponseSchema>
