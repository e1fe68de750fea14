import { ROUTES } from '@posterior/contracts'
import { z } from 'zod'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { PREDICT_SCHEMA, questionErrors, sendAnswer } from './answer-question.ts'

const paramsSchema = z.object({
  model: z.string().min(1).max(200).describe('Name of an installed model, such as `nano`'),
})

/** `POST /models/{model}/predict`: context rows and rows to answer in one call; nothing is kept. */
export function predictWithModelRoute(app: Api, deps: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Predict from context rows in one call',
    description:
      'Labelled context rows and the rows to answer together: a regression with `context.y`, a classification with ' +
      '`context.labels`, a forecast of a series with `horizon`. Nothing of it is kept. Cells are numbers or null; rows ' +
      'may have any width, all the same.',
    params: paramsSchema,
    ...PREDICT_SCHEMA,
    response: { ...PREDICT_SCHEMA.response, ...questionErrors('NOT_FOUND') },
  }
  const { answers } = deps.services
  app.post(ROUTES.predictWithModel.path, { schema, config: { meter: 'predict' } }, async (request, reply) => {
    const target = await answers.installed(request.params.model)
    return sendAnswer(deps, { request, reply }, (question, signal) =>
      answers.answer(callerOf(request).id, target, question, signal),
    )
  })
}
