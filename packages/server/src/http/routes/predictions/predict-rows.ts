import {
  predictResponseSchema,
  predictRowsBodySchema,
  predictRowsRequestSchema,
  ROUTES,
  requestIdSchema,
} from '@posterior/contracts'
import { z } from 'zod'
import { type Api, errorResponses, PREDICT_ERRORS } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { jsonTable } from '../../dialects/json-table.ts'
import { withJsonBody } from '../../json/with-json-body.ts'
import type { BodyByType } from '../../openapi/describe-routes.ts'
import { callerOf } from '../../plugins/auth.ts'
import { goneSignal, predictionMetadata, sendPrediction } from '../../present/prediction-answer.ts'
import { validated } from '../../validate.ts'

const MAX_DEPTH = 32
const REQUEST_BODY: BodyByType = { content: { 'application/json': { schema: predictRowsBodySchema } } }

/**
 * `POST /tabpfn/fit/{fitted_train_set_id}/predict`: rows that stand in the request, answered from memory. One call where
 * a test set takes three, and nothing of it is kept.
 */
export function predictRowsRoute(app: Api, { services, metrics, version, inline }: AppDeps): void {
  const schema = {
    tags: ['predictions'],
    summary: 'Predict rows without an upload',
    description:
      'One call, for one row or a few thousand; nothing of it is kept. Rows are lists in the order of the columns of the fit, ' +
      'or objects by their names. The answer is that of `POST /tabpfn/predict`.',
    params: z.object({ fittedTrainSetId: requestIdSchema.describe('The id that the fit answered') }),
    requestBody: REQUEST_BODY,
    response: {
      200: predictResponseSchema,
      ...errorResponses(
        'MALFORMED_JSON',
        'UNAUTHORIZED',
        'NOT_FOUND',
        'PAYLOAD_TOO_LARGE',
        'UNSUPPORTED_MEDIA_TYPE',
        'REQUEST_VALIDATION_ERROR',
        'INSUFFICIENT_QUOTA',
        ...PREDICT_ERRORS,
      ),
    },
  }
  const config = { meter: 'predict' } as const
  app.post(ROUTES.predictRows.path, { schema, config }, async (request, reply) => {
    const limits = { inline, maxDepth: MAX_DEPTH }
    const prediction = await withJsonBody(request, limits, (body) => {
      const { rows, task, tabpfn_config, output_type, quantiles } = validated(predictRowsRequestSchema, body)
      const command = {
        fittedTrainSetId: request.params.fittedTrainSetId,
        rows: { table: jsonTable(rows, 'rows'), field: 'rows' },
        task,
        config: tabpfn_config,
        output: output_type,
        quantiles,
        fields: { task: 'task', config: 'tabpfn_config', output: 'output_type', quantiles: 'quantiles' },
      }
      return services.predictions.predict(callerOf(request).id, command, goneSignal(reply))
    })
    const rest = { metadata: predictionMetadata(prediction, version) }
    return sendPrediction(reply, prediction, { metrics, rest })
  })
}
