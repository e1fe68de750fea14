/**
 * `GET /tabpfn/get_settings` and `GET /tabpfn/get_model_limits`: one superset object on both paths, so that every
 * generation of clients finds the fields it reads.
 */
import { z } from 'zod'

const count = z.int().min(0)

export const modelLimitSchema = z
  .object({
    train_set_max_rows: count.describe('Most training rows'),
    train_set_max_cells: count.describe('Most training rows x columns'),
    train_set_max_upload_cells: count.describe('The same as train_set_max_cells: rows are not subsampled'),
    test_set_max_rows: count.describe('Most rows of one prediction'),
    test_set_max_cells: count.describe('Most rows x columns of one prediction'),
    max_cols: count.describe('Most feature columns'),
    max_classes: count.describe('Most classes'),
    test_set_max_rows_w_full_regression_output: count.describe('Most rows with output_type "full"'),
    predict_row_pairs_budget: count.describe('Most training rows x rows of one prediction'),
  })
  .meta({ id: 'ModelLimit', description: 'Limits of one model version; the server enforces each of them' })

export type ModelLimit = z.infer<typeof modelLimitSchema>

export const settingsSchema = z
  .object({
    default_model_version: z.string().describe('A key of model_limits'),
    max_model_limit: modelLimitSchema,
    model_limits: z.record(z.string(), modelLimitSchema),
    dataset_max_size_bytes: count.describe('Largest file of one upload, in bytes'),
    async_settings: z.object({
      use_above_trainset_size_bytes: count,
      poll_timeout_secs: z.number().positive(),
    }),
  })
  .meta({ id: 'Settings', description: 'What this server accepts' })

export type Settings = z.infer<typeof settingsSchema>

/** Model versions whose names clients send; every one is answered with the same limits. */
export const MODEL_VERSIONS = ['v2', 'v2.5', 'v2.6', 'v3', 'v3.5', 'v3.5-fast'] as const

/** The version that `default_model_version` names; clients look it up in `model_limits`. */
export const DEFAULT_MODEL_VERSION = 'v3'
