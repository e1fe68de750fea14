import { loginRequestSchema, loginResponseSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import { baseUrl } from '../../base-url.ts'
import { clientAddress } from '../../client-address.ts'
import type { AppDeps } from '../../deps.ts'

/** `POST /auth/login/`: address and password as a form, for a new token. */
export function loginRoute(app: Api, { services, publicUrl }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Log in',
    description:
      "Answers a new token for an address and a password, sent as a form (OAuth 2's password grant) or as JSON. The cookie " +
      '`session_id` names the login and opens nothing. Before the address is verified the answer is 403, with a token in ' +
      'the header `access_token` that can have the link sent again.',
    consumes: ['application/json', 'application/x-www-form-urlencoded'],
    body: loginRequestSchema,
    response: {
      200: loginResponseSchema,
      ...errorResponses(
        'INVALID_CREDENTIALS',
        'EMAIL_NOT_VERIFIED',
        'REQUEST_VALIDATION_ERROR',
        'TOO_MANY_ATTEMPTS',
        'SERVER_BUSY',
      ),
    },
  }
  app.post(ROUTES.login.path, { schema }, async (request, reply) => {
    const { username, password } = request.body
    const { token } = await services.signIn.login(username, password, clientAddress(request))
    const { id, createdAt, expiresAt } = token.record
    const secure = baseUrl(request, publicUrl).startsWith('https:') ? '; Secure' : ''
    reply.header('set-cookie', `session_id=${id}; Path=/; HttpOnly; SameSite=Strict${secure}`)
    return {
      access_token: token.text,
      token_type: 'bearer' as const,
      expires_in: expiresAt === null ? null : Math.floor((expiresAt - createdAt) / 1000),
    }
  })
}
