import { ROUTES, runIdSchema } from '@posterior/contracts'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { PREDICT_SCHEMA, questionErrors, sendAnswer } from './answer-question.ts'
import { addressOf } from './runs.ts'

/** `POST /projects/{projectId}/runs/{runId}/predict`: ask the brain of a completed run. */
export function predictWithRunRoute(app: Api, deps: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Predict with a brain',
    description:
      'Labelled context rows and the rows to answer together, for the brain of a completed run, by id or slug. What it takes ' +
      'is `results.inputs` of the run: a regression with `context.y`, a classification with `context.labels`, a series as one ' +
      'column of past values with `horizon`. Viewers may ask.',
    params: runIdSchema,
    ...PREDICT_SCHEMA,
    response: {
      ...PREDICT_SCHEMA.response,
      ...questionErrors('NOT_FOUND', 'RUN_NOT_COMPLETED', 'BRAIN_NOT_HERE'),
    },
  }
  const { answers, brains } = deps.services
  app.post(ROUTES.predictWithRun.path, { schema, config: { meter: 'predict' } }, async (request, reply) => {
    const { id } = callerOf(request)
    const target = await brains.find(id, addressOf(request.params))
    return sendAnswer(deps, { request, reply }, (question, signal) =>
      answers.answer(id, target, question, signal),
    )
  })
}
