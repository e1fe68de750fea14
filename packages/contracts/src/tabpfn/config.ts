/**
 * `tabpfn_config`: how to fit and predict. Every field of the published OpenAPI is listed once in `CONFIG_FIELDS`
 * with what this server does with it; a field that is not listed is refused, so that no setting is dropped silently.
 */
import { z } from 'zod'
import { MAX_ESTIMATORS } from '../limits.ts'
import type { ConfigField } from './config-field.ts'
import { inferenceConfigSchema } from './inference-config.ts'

export const tabpfnConfigSchema = z
  .strictObject({
    n_estimators: z.int().min(1).max(MAX_ESTIMATORS).nullish(),
    categorical_features_indices: z.array(z.int().min(0)).nullish(),
    softmax_temperature: z.number().min(0.01).max(100).nullish(),
    average_before_softmax: z.boolean().nullish(),
    balance_probabilities: z.boolean().nullish(),
    random_state: z.int().nullish(),
    ignore_pretraining_limits: z.boolean().nullish(),
    model_path: z.string().min(1).max(200).nullish(),
    inference_precision: z.enum(['auto', 'autocast', 'float32', 'float16']).nullish(),
    fit_mode: z.enum(['fit_preprocessors', 'fit_with_cache', 'low_memory']).nullish(),
    device: z.union([z.string(), z.array(z.string()).min(1)]).nullish(),
    memory_saving_mode: z.union([z.boolean(), z.literal('auto')]).nullish(),
    n_preprocessing_jobs: z.int().nullish(),
    inference_config: inferenceConfigSchema.nullish(),
  })
  .meta({ id: 'TabpfnConfig', description: 'How to fit and predict; null means the default' })

export type TabpfnConfig = z.infer<typeof tabpfnConfigSchema>

/** One row per field of `tabpfnConfigSchema`. */
export const CONFIG_FIELDS: readonly (ConfigField & { name: keyof TabpfnConfig })[] = [
  {
    name: 'n_estimators',
    effect: 'honoured',
    acts: 'ensemble',
    default: '4',
    note: `Ensemble members, 1 to ${MAX_ESTIMATORS}.`,
  },
  {
    name: 'categorical_features_indices',
    effect: 'honoured',
    acts: 'ensemble',
    default: 'by the typing rules',
    note: '0-based columns to treat as categories.',
  },
  {
    name: 'random_state',
    effect: 'honoured',
    acts: 'ensemble',
    default: '0',
    note: 'Seed of the ensemble; null means 0, so answers repeat.',
  },
  {
    name: 'model_path',
    effect: 'honoured',
    acts: 'model',
    default: 'auto',
    note: 'A model of this server, or a TabPFN default name, which selects the default model.',
  },
  {
    name: 'ignore_pretraining_limits',
    effect: 'honoured',
    acts: 'model',
    default: 'true',
    note: "False refuses data beyond the limits in the model's card; true warns.",
  },
  {
    name: 'softmax_temperature',
    effect: 'honoured',
    acts: 'output',
    default: '0.9, for regression 1',
    note: 'Divides the logits; regression: widens each distribution by its square root.',
  },
  {
    name: 'average_before_softmax',
    effect: 'honoured',
    acts: 'output',
    default: 'false',
    note: 'Average logits instead of probabilities; regression: average quantiles.',
  },
  {
    name: 'balance_probabilities',
    effect: 'honoured',
    acts: 'output',
    default: 'false',
    note: 'Divide probabilities by class frequency; classification only.',
  },
  {
    name: 'inference_precision',
    effect: 'accepted',
    acts: 'none',
    default: 'auto',
    note: 'The forward pass runs in float32.',
  },
  {
    name: 'fit_mode',
    effect: 'accepted',
    acts: 'none',
    default: 'fit_with_cache',
    note: 'A fit always keeps the encoded training rows.',
  },
  {
    name: 'device',
    effect: 'accepted',
    acts: 'none',
    default: 'null',
    note: 'The operator chooses the hardware.',
  },
  {
    name: 'memory_saving_mode',
    effect: 'accepted',
    acts: 'none',
    default: 'null',
    note: 'Memory is bounded by the limits of the settings.',
  },
  {
    name: 'n_preprocessing_jobs',
    effect: 'accepted',
    acts: 'none',
    default: 'null',
    note: 'The operator chooses the number of threads.',
  },
  {
    name: 'inference_config',
    effect: 'honoured',
    acts: 'ensemble',
    default: 'null',
    note: 'How the members differ: the keys are below.',
  },
]
