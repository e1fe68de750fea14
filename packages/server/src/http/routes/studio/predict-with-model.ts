import {
  DATA_ERROR_CODES,
  ROUTES,
  studioPredictBodySchema,
  studioPredictionSchema,
} from '@posterior/contracts'
import { z } from 'zod'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { withQuestion } from '../../dialects/studio-question.ts'
import type { BodyByType } from '../../openapi/describe-routes.ts'
import { callerOf } from '../../plugins/auth.ts'
import { goneSignal } from '../../present/prediction-answer.ts'
import { studioAnswerBody } from '../../present/studio-answer-json.ts'

const REQUEST_BODY: BodyByType = { content: { 'application/json': { schema: studioPredictBodySchema } } }

const paramsSchema = z.object({
  model: z.string().min(1).max(200).describe('Name of an installed model, such as `nano`'),
})

/** `POST /models/{model}/predict`: context rows and rows to answer in one call; nothing is kept. */
export function predictWithModelRoute(app: Api, { services, metrics, inline }: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Predict from context rows in one call',
    description:
      'Labelled context rows and the rows to answer together: a regression with `context.y`, a classification with ' +
      '`context.labels`, a forecast of a series with `horizon`. Nothing of it is kept. Cells are numbers or null; rows ' +
      'may have any width, all the same.',
    params: paramsSchema,
    requestBody: REQUEST_BODY,
    response: {
      200: studioPredictionSchema,
      ...errorResponses(
        'FEATURE_COUNT_MISMATCH',
        'LENGTH_MISMATCH',
        'MALFORMED_JSON',
        'NOT_FOUND',
        'PAYLOAD_TOO_LARGE',
        'UNSUPPORTED_MEDIA_TYPE',
        'REQUEST_VALIDATION_ERROR',
        'LIMIT_EXCEEDED',
        ...DATA_ERROR_CODES,
        'INSUFFICIENT_QUOTA',
        'SERVER_BUSY',
        'NOT_READY',
        'ENGINE_FAILED',
        'FIT_INTERRUPTED',
      ),
    },
  }
  app.post(ROUTES.predictWithModel.path, { schema, config: { meter: 'predict' } }, async (request, reply) => {
    const target = await services.answers.installed(request.params.model)
    const body = await withQuestion(request, inline, async (question) => {
      const answer = await services.answers.answer(callerOf(request).id, target, question, goneSignal(reply))
      const { task } = answer.result
      metrics.predictions.inc({ task, output: 'studio' })
      metrics.predictedRows.inc(
        answer.question.kind === 'rows' ? answer.question.query.rows : answer.question.horizon,
      )
      return studioAnswerBody(answer, question.unknownFields)
    })
    reply.type('application/json; charset=utf-8')
    return reply.send(body as never)
  })
}
