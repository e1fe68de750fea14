/** What a prediction is charged for, and by which name it is known when it is sent again. */
import type { BillableOperation, TabpfnConfig } from '@posterior/contracts'
import { fingerprint } from '../fits/fingerprint.ts'
import { givenFields } from '../fits/fit-config.ts'
import { costOf, pricingOf } from '../metering/cost.ts'
import type { ChargeOrder } from '../metering/metering.ts'
import type { Fit } from '../ports/stores.ts'
import type { PredictCommand } from './predictions.ts'
import type { QueryRows } from './query-rows.ts'

export interface PredictionPrice {
  /** The charge, as far as it is known before the rows are. */
  order: Omit<ChargeOrder, 'tokens'>
  /** Tokens for a number of rows to predict. */
  tokens(rows: number): number
}

/**
 * The price of a prediction from `fit`. Two requests are the same one sent again when account, rows, fit,
 * configuration and output are equal: then so is every byte of the answer. The trace that clients send does not tell
 * them apart, because all predictions of an estimator carry the same one.
 */
export function predictionPrice(asked: Fit, command: PredictCommand, rows: QueryRows): PredictionPrice {
  const given = givenFields(command.config)
  const config: TabpfnConfig = { ...asked.config, ...given }
  const { fittedTrainSetId, output, quantiles } = command
  const operation = operationOf(asked, config)
  return {
    order: {
      requestKey: fingerprint({ fittedTrainSetId, rows: rows.key, given, output, quantiles }),
      subject: rows.subject,
      operation,
    },
    tokens: (testRows) =>
      costOf({
        operation,
        trainRows: asked.trainRows ?? 0,
        testRows,
        columns: asked.columns ?? 1,
        estimators: config.n_estimators ?? undefined,
        effort: asked.thinking?.effort,
        pricing: pricingOf(config.model_path),
      }),
  }
}

function operationOf({ thinking }: Fit, config: TabpfnConfig): BillableOperation {
  if (thinking) return 'thinking_predict'
  return config.fit_mode === 'fit_with_cache' ? 'cache_predict' : 'predict'
}
