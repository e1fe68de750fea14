import {
  createdTokenSchema,
  createTokenRequestSchema,
  messageResponseSchema,
  ROUTES,
  tokenListSchema,
  userIdSchema,
  userTokenIdSchema,
} from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { describeToken, tokenLifetime } from '../../present/tokens.ts'

const tags = ['admin']

/** `GET /admin/users/{userId}/tokens`. */
export function listUserTokensRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: "List a user's tokens",
    description: 'The tokens of the account that still work, without their texts.',
    params: userIdSchema,
    response: { 200: tokenListSchema, ...errorResponses('NOT_FOUND', 'REQUEST_VALIDATION_ERROR') },
  }
  app.get(ROUTES.listUserTokens.path, { schema }, async (request) => {
    return { tokens: (await services.userAdmin.listTokens(request.params.userId)).map(describeToken) }
  })
}

/** `POST /admin/users/{userId}/tokens`. */
export function createUserTokenRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: 'Make a token for a user',
    description: 'A new token for the account; its text is in this answer and never again.',
    params: userIdSchema,
    body: createTokenRequestSchema,
    response: {
      201: createdTokenSchema,
      ...errorResponses('NOT_FOUND', 'REQUEST_VALIDATION_ERROR', 'TOO_MANY_TOKENS'),
    },
  }
  app.post(ROUTES.createUserToken.path, { schema }, async (request, reply) => {
    const { label, expires_in_days: days } = request.body
    const order = { label, kind: 'api', lifetimeMs: tokenLifetime(days) } as const
    const { record, text } = await services.userAdmin.issueToken(request.params.userId, order)
    return reply.code(201).send({ ...describeToken(record), token: text })
  })
}

/** `DELETE /admin/users/{userId}/tokens/{tokenId}`. */
export function revokeUserTokenRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: "Revoke a user's token",
    description: 'The token stops working at once.',
    params: userTokenIdSchema,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'REQUEST_VALIDATION_ERROR') },
  }
  app.delete(ROUTES.revokeUserToken.path, { schema }, async (request) => {
    await services.userAdmin.revokeToken(request.params.userId, request.params.tokenId)
    return { message: 'The token is revoked.' }
  })
}
