import {
  createdShareSchema,
  createShareSchema,
  messageResponseSchema,
  ROUTES,
  runIdSchema,
  shareIdSchema,
  shareListSchema,
} from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import { absoluteUrl } from '../../base-url.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeShare } from '../../present/share.ts'
import { addressOf } from './runs.ts'

const tags = ['studio']

/** `/projects/{projectId}/runs/{runId}/shares`: links with which anybody may ask a brain. */
export function shareRoutes(app: Api, { services, publicUrl }: AppDeps): void {
  const { shares } = services
  const listed = {
    tags,
    summary: 'List share links',
    description: 'The links of a run, oldest first, without their tokens, which nobody can show again.',
    params: runIdSchema,
    response: { 200: shareListSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.listShares.path, { schema: listed }, async (request) => {
    const found = await shares.list(callerOf(request).id, addressOf(request.params))
    return { shares: found.map(describeShare) }
  })

  const created = {
    tags,
    summary: 'Make a share link',
    description:
      'A link to the brain of a completed run, for everybody who has it. It may end by itself, at a time or after a number of ' +
      'answers. Its token is in this answer and never again. Calls are charged to the account that makes it.',
    params: runIdSchema,
    body: createShareSchema,
    response: {
      201: createdShareSchema,
      ...errorResponses(
        'NOT_FOUND',
        'ROLE_TOO_LOW',
        'RUN_NOT_COMPLETED',
        'BRAIN_NOT_HERE',
        'REQUEST_VALIDATION_ERROR',
        'STUDIO_LIMIT_REACHED',
      ),
    },
  }
  app.post(ROUTES.createShare.path, { schema: created }, async (request, reply) => {
    const { id } = callerOf(request)
    const { share, token } = await shares.create(id, addressOf(request.params), request.body)
    const path = ROUTES.predictWithShare.path.replace(':token', token)
    reply.header('cache-control', 'no-store')
    const url = absoluteUrl(request, path, publicUrl)
    return reply.code(201).send({ ...describeShare(share), token, url })
  })

  const revoked = {
    tags,
    summary: 'Revoke a share link',
    description: 'The link stops working at once. It stays in the list.',
    params: shareIdSchema,
    response: {
      200: messageResponseSchema,
      ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'REQUEST_VALIDATION_ERROR'),
    },
  }
  app.delete(ROUTES.revokeShare.path, { schema: revoked }, async (request) => {
    await shares.revoke(callerOf(request).id, addressOf(request.params), request.params.shareId)
    return { message: 'The link is revoked.' }
  })
}
