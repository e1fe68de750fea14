/**
 * The first version of the API: `POST /v1/fit` and `POST /v1/predict`, multipart forms of CSV files and one part `data`
 * of JSON (tabpfn-api section 7). Deprecated; kept for programs that were written for it.
 */
import { z } from 'zod'
import { MAX_DESCRIPTION_LENGTH, MAX_QUANTILES, MAX_V1_ESTIMATORS } from '../limits.ts'
import { tabpfnConfigSchema } from './config.ts'
import { tabpfnSystemSchema } from './fit.ts'
import { requestIdSchema, responseIdSchema } from './ids.ts'
import { OUTPUT_TYPES, type OutputType, predictResponseSchema } from './predict.ts'
import { taskSchema } from './task.ts'

/** Thinking came later. */
const v1SystemsSchema = z.array(tabpfnSystemSchema.exclude(['thinking']))

const v1ConfigSchema = tabpfnConfigSchema.extend({
  n_estimators: z.int().min(1).max(MAX_V1_ESTIMATORS).nullish(),
})

/** The part `data` of a fit. */
export const v1FitDataSchema = z
  .object({
    task: taskSchema,
    schema: z
      .object({
        target: z.string().min(1).nullish().describe('Column of dataset_file to predict; default "target"'),
        description: z.string().max(MAX_DESCRIPTION_LENGTH).nullish(),
      })
      .nullish(),
    systems: v1SystemsSchema.nullish().describe('Default preprocessing and text'),
    config: v1ConfigSchema.nullish(),
  })
  .meta({ id: 'V1FitData' })

export type V1FitData = z.infer<typeof v1FitDataSchema>

export const v1FitResponseSchema = z
  .object({ model_id: responseIdSchema, task: taskSchema })
  .meta({ id: 'V1FitResponse' })

/** Two spellings were published for the outputs of a classification. */
const OLD_NAMES = { probabilities: 'probas', predictions: 'preds' } as const satisfies Record<
  string,
  OutputType
>

/** The part `data` of a prediction. */
export const v1PredictDataSchema = z
  .object({
    model_id: requestIdSchema,
    task: taskSchema,
    dataset_id: requestIdSchema
      .nullish()
      .describe('The rows of an earlier prediction from this model, in place of `file`'),
    systems: v1SystemsSchema.nullish(),
    params: z
      .object({
        output_type: z
          .enum([...OUTPUT_TYPES.classification, ...OUTPUT_TYPES.regression, 'probabilities', 'predictions'])
          .nullish(),
        quantiles: z.array(z.number().min(0).max(1)).min(1).max(MAX_QUANTILES).nullish(),
      })
      .nullish(),
    config: v1ConfigSchema.nullish(),
  })
  .meta({
    id: 'V1PredictData',
    examples: [
      {
        model_id: '0b9d7c52-7b0e-4f6e-9a4e-9a7f1c2d3e4f',
        task: 'classification',
        params: { output_type: 'preds' },
      },
    ],
  })

export type V1PredictData = z.infer<typeof v1PredictDataSchema>

/** The output that a name of the first version means. */
export function v1OutputType(name: OutputType | keyof typeof OLD_NAMES): OutputType {
  return name === 'probabilities' || name === 'predictions' ? OLD_NAMES[name] : name
}

export const v1PredictResponseSchema = z
  .object({
    prediction: predictResponseSchema.shape.prediction,
    task: taskSchema,
    params: z.record(z.string(), z.unknown()).describe('The resolved configuration'),
    duration_seconds: z.int().min(0),
    used_credits: z.int().min(0).describe('What this prediction was charged'),
    remaining_quota: z.int().describe('What is left of the quota; -1 is unlimited'),
    model_id: responseIdSchema,
    dataset_id: responseIdSchema.describe('The rows, to be predicted again without sending them'),
  })
  .meta({ id: 'V1PredictResponse' })

export type V1PredictResponse = z.infer<typeof v1PredictResponseSchema>
