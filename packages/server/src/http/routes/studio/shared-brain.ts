import { ROUTES, sharedBrainSchema, shareTokenSchema } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import { clientAddress } from '../../client-address.ts'
import type { AppDeps } from '../../deps.ts'
import { describeSharedBrain } from '../../present/share.ts'
import { PREDICT_SCHEMA, questionErrors, sendAnswer } from './answer-question.ts'

const tags = ['studio']

/** `/shares/{token}`: a brain for whoever has the link. There is no account here; the token is all there is. */
export function sharedBrainRoutes(app: Api, deps: AppDeps): void {
  const { shares } = deps.services
  const shown = {
    tags,
    summary: 'Show what a shared brain takes',
    description:
      'What a form needs to ask it: the task, the width and the limits of a question. Nothing else of the project is told, and ' +
      'no token but that of the link is needed.',
    params: shareTokenSchema,
    response: { 200: sharedBrainSchema, ...errorResponses('SHARE_NOT_FOUND', 'SHARE_PAUSED') },
  }
  app.get(ROUTES.getSharedBrain.path, { schema: shown }, async (request) => {
    const { run } = await shares.open(request.params.token, clientAddress(request))
    return describeSharedBrain(run)
  })

  const asked = {
    tags,
    summary: 'Predict with a shared brain',
    description:
      'The question of `/projects/{projectId}/runs/{runId}/predict`, without an `Authorization` header. A link that is ' +
      'unknown, revoked, over or used up is refused with the same words.',
    params: shareTokenSchema,
    ...PREDICT_SCHEMA,
    response: { ...PREDICT_SCHEMA.response, ...questionErrors('SHARE_NOT_FOUND', 'SHARE_PAUSED') },
  }
  app.post(ROUTES.predictWithShare.path, { schema: asked }, async (request, reply) => {
    const live = await shares.open(request.params.token, clientAddress(request))
    const limited = { ...deps, inline: deps.shared }
    return sendAnswer(limited, { request, reply }, (question, signal) =>
      shares.answer(live, question, signal),
    )
  })
}
