import { Readable } from 'node:stream'
import {
  type PredictMetadata,
  predictRequestSchema,
  predictResponseSchema,
  ROUTES,
} from '@posterior/contracts'
import type { FastifyReply } from 'fastify'
import type { Prediction } from '../../../domain/predictions/predictions.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { predictCommand } from '../../dialects/predict-command.ts'
import { callerOf } from '../../plugins/auth.ts'
import { assertFinite, predictionJson } from '../../present/prediction-json.ts'

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
      ...errorResponses('UNAUTHORIZED', 'NOT_FOUND', 'REQUEST_VALIDATION_ERROR', 'SERVER_BUSY'),
    },
  }
  app.post(ROUTES.predict.path, { schema }, async (request, reply) => {
    const command = predictCommand(request.body)
    const prediction = await services.predictions.predict(callerOf(request).id, command, goneSignal(reply))
    await assertFinite(prediction.values)
    metrics.predictions.inc({ task: prediction.task, output: prediction.values.output })
    metrics.predictedRows.inc(prediction.rows)
    const pieces = predictionJson(prediction.values, metadata(prediction, version))
    reply.type('application/json; charset=utf-8')
    return reply.send(Readable.from(pieces) as never)
  })
}

function metadata(prediction: Prediction, version: string): PredictMetadata {
  return {
    task: prediction.task,
    package_version: version,
    tabpfn_config: { ...prediction.config },
    test_set_num_rows: prediction.rows,
    test_set_num_cols: prediction.columns,
    n_estimators: prediction.config.n_estimators ?? 1,
    ...(prediction.classes && { classes: prediction.classes }),
    model: prediction.model,
    warnings: [...prediction.warnings],
  }
}

/** Aborted when the caller hangs up before the answer is complete: then nobody wants the prediction. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  return gone.signal
}
