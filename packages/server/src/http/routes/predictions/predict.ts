import { predictRequestSchema, predictResponseSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses, PREDICT_ERRORS } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { predictCommand } from '../../dialects/predict-command.ts'
import { callerOf } from '../../plugins/auth.ts'
import { goneSignal, predictionMetadata, sendPrediction } from '../../present/prediction-answer.ts'

/** `POST /tabpfn/predict`: answers for the rows of a test set, written as they are turned into text. */
export function predictRoute(app: Api, { services, metrics, version }: AppDeps): void {
  const schema = {
    tags: ['predictions'],
    summary: 'Predict the rows of a test set',
    description:
      'Classification answers `probas` (one row per row, columns in the order of `metadata.classes`) or `preds`; regression ' +
      '`mean`, `median`, `mode`, `quantiles` ([quantile][row]), `main` (all of these) or `full` (with the whole distribution).',
    body: predictRequestSchema,
    response: {
      200: predictResponseSchema,
      ...errorResponses(
        'UNAUTHORIZED',
        'NOT_FOUND',
        'REQUEST_VALIDATION_ERROR',
        'INSUFFICIENT_QUOTA',
        ...PREDICT_ERRORS,
      ),
    },
  }
  app.post(ROUTES.predict.path, { schema, config: { meter: 'predict' } }, async (request, reply) => {
    const command = predictCommand(request.body)
    const prediction = await services.predictions.predict(callerOf(request).id, command, goneSignal(reply))
    const rest = { metadata: predictionMetadata(prediction, version) }
    return sendPrediction(reply, prediction, { metrics, rest })
  })
}
