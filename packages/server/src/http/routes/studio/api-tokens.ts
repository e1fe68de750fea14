import {
  apiTokenIdSchema,
  apiTokenListSchema,
  createApiTokenSchema,
  createdApiTokenSchema,
  messageResponseSchema,
  ROUTES,
} from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeApiToken } from '../../present/studio.ts'
import { tokenLifetime } from '../../present/tokens.ts'

const tags = ['studio']

/** `/api-tokens`: the tokens of the account, which are those of `/auth/tokens`. */
export function apiTokenRoutes(app: Api, { services }: AppDeps): void {
  app.addHook('onSend', async (request, reply) => {
    if (request.routeOptions.url?.includes(ROUTES.listApiTokens.path))
      reply.header('cache-control', 'no-store')
  })
  const listed = {
    tags,
    summary: 'List API tokens',
    description:
      'The tokens of the account that still work, without their texts, which nobody can show again.',
    response: { 200: apiTokenListSchema },
  }
  app.get(ROUTES.listApiTokens.path, { schema: listed }, async (request) => {
    return { tokens: (await services.tokens.list(callerOf(request).id)).map(describeApiToken) }
  })

  const created = {
    tags,
    summary: 'Issue an API token',
    description: 'A new token for the account; its text is in this answer and never again.',
    body: createApiTokenSchema,
    response: {
      201: createdApiTokenSchema,
      ...errorResponses('REQUEST_VALIDATION_ERROR', 'TOO_MANY_TOKENS'),
    },
  }
  app.post(ROUTES.createApiToken.path, { schema: created }, async (request, reply) => {
    const { name: label, expiresInDays } = request.body
    const order = { label, kind: 'api', lifetimeMs: tokenLifetime(expiresInDays) } as const
    const { record, text } = await services.tokens.issue(callerOf(request).id, order)
    return reply.code(201).send({ ...describeApiToken(record), token: text })
  })

  const revoked = {
    tags,
    summary: 'Revoke an API token',
    description: 'The token stops working at once.',
    params: apiTokenIdSchema,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'REQUEST_VALIDATION_ERROR') },
  }
  app.delete(ROUTES.revokeApiToken.path, { schema: revoked }, async (request) => {
    await services.tokens.revoke(callerOf(request).id, request.params.tokenId)
    return { message: 'The token is revoked.' }
  })
}
