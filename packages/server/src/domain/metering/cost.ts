/**
 * What an operation costs in tokens. Pure functions of sizes known to the caller, so that a quote and a charge are the
 * same number.
 *
 * The v2 models have a published price: rows x columns x ensemble members, at least 5,000. Every other model has a price
 * of our own, because the one of the hosted service is not published. It follows the same product, which is what the
 * computation grows with, but to the power 3/4: a table of twice the size costs 1.68 times as much, one of a thousand
 * times the size 178 times, so that large tables are not priced out of a pool that small ones hardly touch. Up to ten
 * million units the price is the floor of 10,000, which stands for what every request needs whatever its size.
 */

import type { ThinkingEffort } from '@posterior/contracts'
import { type BillableOperation, DEFAULT_BILLED_ESTIMATORS, type PricingVersion } from '@posterior/contracts'

/** What the price of an operation depends on. */
export interface CostInputs {
  operation: BillableOperation
  trainRows: number
  /** Rows to predict; 0 for a fit. */
  testRows: number
  /** Feature columns as uploaded, before preprocessing. */
  columns: number
  /** Ensemble members; 8 when absent, whatever the model takes then. */
  estimators?: number | undefined
  pricing: PricingVersion
  /** Effort of the thinking fit, for the thinking operations; medium when absent. */
  effort?: ThinkingEffort | undefined
}

/** Lowest price of one operation, in tokens. */
export const FLOOR_TOKENS: Readonly<Record<PricingVersion, number>> = { legacy_v2: 5_000, quota_v3: 10_000 }

/** Product of rows, columns and members at which our price leaves its floor. */
const BASE_UNITS = 10_000_000
const EXPONENT = 0.75

/** A thinking fit tries many ensembles by cross-validation; its predictions blend several of them. */
const THINKING_FACTOR: Readonly<Record<ThinkingEffort, { fit: number; predict: number }>> = {
  medium: { fit: 10, predict: 2 },
  high: { fit: 20, predict: 4 },
}

/** Which price list a model is on: a name or alias of a v2 model (`v2`, `v2.5_default`, a checkpoint), or any other. */
export function pricingOf(model: string | null | undefined): PricingVersion {
  return /^(tabpfn-)?v2(?=$|[._-])/i.test(model ?? '') ? 'legacy_v2' : 'quota_v3'
}

/** Price in whole tokens. */
export function costOf(inputs: CostInputs): number {
  const { operation, trainRows, testRows, columns, pricing } = inputs
  const estimators = inputs.estimators ?? DEFAULT_BILLED_ESTIMATORS
  const factor = thinkingFactor(operation, inputs.effort ?? 'medium')
  if (pricing === 'legacy_v2') {
    return Math.max(FLOOR_TOKENS.legacy_v2, (trainRows + testRows) * columns * estimators) * factor
  }
  // With the training rows kept in the cache, only the rows to predict go through the model.
  const rows = operation === 'cache_predict' ? testRows : trainRows + testRows
  const units = rows * columns * estimators
  const tokens = FLOOR_TOKENS.quota_v3 * (units / BASE_UNITS) ** EXPONENT
  return Math.max(FLOOR_TOKENS.quota_v3, Math.ceil(tokens)) * factor
}

function thinkingFactor(operation: BillableOperation, effort: ThinkingEffort): number {
  if (operation === 'thinking_fit') return THINKING_FACTOR[effort].fit
  if (operation === 'thinking_predict') return THINKING_FACTOR[effort].predict
  return 1
}
