/** `POST /tabpfn/estimate_cost` (tabpfn-api section 9.1): what an operation would be charged, without doing it. */
import { z } from 'zod'
import { MAX_ESTIMATORS } from '../limits.ts'

/** What tokens are charged for. Uploads and ordinary fits are free. */
export const BILLABLE_OPERATIONS = ['predict', 'thinking_fit', 'thinking_predict', 'cache_predict'] as const

export type BillableOperation = (typeof BILLABLE_OPERATIONS)[number]

/** Effort of a thinking fit; it scales the price. */
export const THINKING_EFFORTS = ['medium', 'high'] as const

export type ThinkingEffort = (typeof THINKING_EFFORTS)[number]

/** Ensemble members that are charged for when a request names no number, by the published formula. */
export const DEFAULT_BILLED_ESTIMATORS = 8

/** `legacy_v2`: the published formula of the v2 models; `quota_v3`: this server's own formula, for every other model. */
export const PRICING_VERSIONS = ['quota_v3', 'legacy_v2'] as const

export type PricingVersion = (typeof PRICING_VERSIONS)[number]

/** Beyond any limit that a server could publish; products of these are still exact numbers. */
const MAX_ROWS = 100_000_000
const MAX_COLUMNS = 50_000

const rows = z.int().min(0).max(MAX_ROWS)

export const estimateCostRequestSchema = z
  .object({
    train_rows: rows.describe('Training rows'),
    test_rows: rows.nullish().describe('Rows to predict; 0 for a thinking fit'),
    raw_columns: z.int().min(1).max(MAX_COLUMNS).describe('Feature columns as uploaded'),
    operation: z.enum(BILLABLE_OPERATIONS).nullish().describe('Default predict'),
    model_version: z
      .string()
      .min(1)
      .max(200)
      .nullish()
      .describe('Name of a model; default the default model'),
    n_estimators: z.int().min(1).max(MAX_ESTIMATORS).nullish().describe('Ensemble members; default 8'),
    thinking_effort: z.enum(THINKING_EFFORTS).nullish().describe('Default medium; for thinking operations'),
  })
  .meta({
    id: 'EstimateCostRequest',
    examples: [{ train_rows: 1000, test_rows: 200, raw_columns: 12, operation: 'predict' }],
  })

export type EstimateCostRequest = z.infer<typeof estimateCostRequestSchema>

export const estimateCostResponseSchema = z
  .object({
    estimated_cost: z.int().min(0).describe('Tokens'),
    pricing_version: z.enum(PRICING_VERSIONS),
    inputs: z
      .object({
        train_rows: rows,
        test_rows: rows,
        raw_columns: z.int(),
        operation: z.enum(BILLABLE_OPERATIONS),
        model_version: z.string(),
        n_estimators: z.int(),
        thinking_effort: z.enum(THINKING_EFFORTS).nullable(),
      })
      .describe('The request with its defaults'),
  })
  .meta({ id: 'EstimateCost', description: 'What the operation would be charged' })

export type EstimateCostResponse = z.infer<typeof estimateCostResponseSchema>
