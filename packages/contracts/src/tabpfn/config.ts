/**
 * `tabpfn_config`: how to fit and predict. Every field of the published OpenAPI is listed once in `CONFIG_FIELDS`
 * with what this server does with it; a field that is not listed is refused, so that no setting is dropped silently.
 */
import { z } from 'zod'
import { MAX_ESTIMATORS } from '../limits.ts'

/** What this server does with a field. */
export interface ConfigField {
  name: string
  /** `honoured` does what it says; `accepted` is checked and has no effect; `refused` is a 422 unless null. */
  effect: 'honoured' | 'accepted' | 'refused'
  /** Where it acts: it defines the ensemble (fixed at fit), or only the output (may differ at each predict). */
  acts: 'ensemble' | 'output' | 'model' | 'none'
  note: string
}

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
    inference_config: z
      .strictObject({}, { error: 'no key of inference_config is supported by this server' })
      .nullish(),
  })
  .meta({ id: 'TabpfnConfig', description: 'How to fit and predict; null means the default' })

export type TabpfnConfig = z.infer<typeof tabpfnConfigSchema>

/** One row per field of `tabpfnConfigSchema`. */
export const CONFIG_FIELDS: readonly (ConfigField & { name: keyof TabpfnConfig })[] = [
  {
    name: 'n_estimators',
    effect: 'honoured',
    acts: 'ensemble',
    note: `Ensemble members, 1 to ${MAX_ESTIMATORS}.`,
  },
  {
    name: 'categorical_features_indices',
    effect: 'honoured',
    acts: 'ensemble',
    note: '0-based columns to treat as categories.',
  },
  {
    name: 'random_state',
    effect: 'honoured',
    acts: 'ensemble',
    note: 'Seed of the ensemble; null means 0, so answers repeat.',
  },
  {
    name: 'model_path',
    effect: 'honoured',
    acts: 'model',
    note: 'A model of this server, or a TabPFN default name, which selects the default model.',
  },
  {
    name: 'ignore_pretraining_limits',
    effect: 'honoured',
    acts: 'model',
    note: "False refuses data beyond the limits in the model's card; default true, which warns.",
  },
  {
    name: 'softmax_temperature',
    effect: 'honoured',
    acts: 'output',
    note: 'Divides the logits; default 0.9.',
  },
  {
    name: 'average_before_softmax',
    effect: 'honoured',
    acts: 'output',
    note: 'Average logits instead of probabilities; default false.',
  },
  {
    name: 'balance_probabilities',
    effect: 'honoured',
    acts: 'output',
    note: 'Divide probabilities by class frequency; classification only.',
  },
  {
    name: 'inference_precision',
    effect: 'accepted',
    acts: 'none',
    note: 'The forward pass runs in float32.',
  },
  {
    name: 'fit_mode',
    effect: 'accepted',
    acts: 'none',
    note: 'A fit always keeps the encoded training rows.',
  },
  { name: 'device', effect: 'accepted', acts: 'none', note: 'The operator chooses the hardware.' },
  {
    name: 'memory_saving_mode',
    effect: 'accepted',
    acts: 'none',
    note: 'Memory is bounded by the limits of the settings.',
  },
  {
    name: 'n_preprocessing_jobs',
    effect: 'accepted',
    acts: 'none',
    note: 'The operator chooses the number of threads.',
  },
  {
    name: 'inference_config',
    effect: 'refused',
    acts: 'none',
    note: 'Null or an empty object is accepted; any key is refused.',
  },
]
