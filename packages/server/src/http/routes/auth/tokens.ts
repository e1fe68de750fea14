import {
  createdTokenSchema,
  createTokenRequestSchema,
  messageResponseSchema,
  ROUTES,
  tokenIdSchema,
  tokenListSchema,
} from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeToken, tokenLifetime } from '../../present/tokens.ts'

/** `GET /auth/tokens`: the tokens of the account, without their texts. */
export function listTokensRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'List tokens',
    description:
      'The tokens of the account that still work, without their texts, which nobody can show again.',
    response: { 200: tokenListSchema },
  }
  app.get(ROUTES.listTokens.path, { schema }, async (request) => {
    return { tokens: (await services.tokens.list(callerOf(request).id)).map(describeToken) }
  })
}

/** `POST /auth/tokens`: a new token. */
export function createTokenRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Make a token',
    description: 'A new token for the account; its text is in this answer and never again.',
    body: createTokenRequestSchema,
    response: { 201: createdTokenSchema, ...errorResponses('REQUEST_VALIDATION_ERROR', 'TOO_MANY_TOKENS') },
  }
  app.post(ROUTES.createToken.path, { schema }, async (request, reply) => {
    const { label, expires_in_days: days } = request.body
    const order = { label, kind: 'api', lifetimeMs: tokenLifetime(days) } as const
    const { record, text } = await services.tokens.issue(callerOf(request).id, order)
    return reply.code(201).send({ ...describeToken(record), token: text })
  })
}

/** `DELETE /auth/tokens/{tokenId}`: the token stops working at once. */
export function revokeTokenRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Revoke a token',
    description:
      'The token stops working at once. The one that the operator presets comes back with the next start.',
    params: tokenIdSchema,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'REQUEST_VALIDATION_ERROR') },
  }
  app.delete(ROUTES.revokeToken.path, { schema }, async (request) => {
    await services.tokens.revoke(callerOf(request).id, request.params.tokenId)
    return { message: 'The token is revoked.' }
  })
}
