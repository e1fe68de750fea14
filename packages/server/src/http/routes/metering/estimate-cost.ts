import {
  DEFAULT_BILLED_ESTIMATORS,
  DEFAULT_MODEL_VERSION,
  type EstimateCostRequest,
  type EstimateCostResponse,
  estimateCostRequestSchema,
  estimateCostResponseSchema,
  ROUTES,
} from '@posterior/contracts'
import { costOf, pricingOf } from '../../../domain/metering/cost.ts'
import type { Api } from '../../api.ts'

/** `POST /tabpfn/estimate_cost`: the price of an operation, by the same function that charges it; itself free. */
export function estimateCostRoute(app: Api): void {
  const schema = {
    tags: ['usage'],
    summary: 'Price of an operation',
    description: 'What an operation of this size would be charged, in tokens. Asking is free.',
    body: estimateCostRequestSchema,
    response: {
      200: estimateCostResponseSchema,
    },
  }
  app.post(ROUTES.estimateCost.path, { schema }, async (request) => estimate(request.body))
}

function estimate(body: EstimateCostRequest): EstimateCostResponse {
  const operation = body.operation ?? 'predict'
  const isThinking = operation === 'thinking_fit' || operation === 'thinking_predict'
  const inputs = {
    train_rows: body.train_rows,
    test_rows: body.test_rows ?? 0,
    raw_columns: body.raw_columns,
    operation,
    model_version: body.model_version ?? DEFAULT_MODEL_VERSION,
    n_estimators: body.n_estimators ?? DEFAULT_BILLED_ESTIMATORS,
    thinking_effort: isThinking ? (body.thinking_effort ?? 'medium') : null,
  }
  const pricing = pricingOf(body.model_version)
  const cost = costOf({
    operation,
    trainRows: inputs.train_rows,
    testRows: inputs.test_rows,
    columns: inputs.raw_columns,
    estimators: inputs.n_estimators,
    effort: inputs.thinking_effort ?? undefined,
    pricing,
  })
  return { estimated_cost: cost, pricing_version: pricing, inputs }
}
