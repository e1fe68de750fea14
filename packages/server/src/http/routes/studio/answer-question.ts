/** What all routes of the Predict API have in common: the body, the answer, what can go wrong. */
import {
  DATA_ERROR_CODES,
  type ErrorCode,
  studioPredictBodySchema,
  studioPredictionSchema,
} from '@posterior/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AnswerCommand, StudioAnswer } from '../../../domain/studio/answers.ts'
import { errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { withQuestion } from '../../dialects/studio-question.ts'
import type { BodyByType } from '../../openapi/describe-routes.ts'
import { goneSignal } from '../../present/prediction-answer.ts'
import { studioAnswerBody } from '../../present/studio-answer-json.ts'

const REQUEST_BODY: BodyByType = { content: { 'application/json': { schema: studioPredictBodySchema } } }

/** Body and answer of a route of the Predict API. */
export const PREDICT_SCHEMA = { requestBody: REQUEST_BODY, response: { 200: studioPredictionSchema } }

/** What a question can end with, and `codes`. */
export function questionErrors(...codes: ErrorCode[]) {
  return errorResponses(
    'FEATURE_COUNT_MISMATCH',
    'LENGTH_MISMATCH',
    'DISCOVERY_NOT_HERE',
    'MALFORMED_JSON',
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
    ...codes,
  )
}

/** Read the question of a request, let `ask` answer it, and send the answer. */
export async function sendAnswer(
  { inline, metrics }: Pick<AppDeps, 'inline' | 'metrics'>,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  ask: (question: AnswerCommand, signal: AbortSignal) => Promise<StudioAnswer>,
): Promise<FastifyReply> {
  const body = await withQuestion(request, inline, async (question) => {
    const answer = await ask(question, goneSignal(reply))
    const { task } = answer.result
    metrics.predictions.inc({ task, output: 'studio' })
    metrics.predictedRows.inc(
      answer.question.kind === 'rows' ? answer.question.query.rows : answer.question.horizon,
    )
    return studioAnswerBody(answer, question.unknownFields)
  })
  reply.type('application/json; charset=utf-8')
  return reply.send(body)
}
