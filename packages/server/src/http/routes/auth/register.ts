import { ROUTES, registerRequestSchema, registerResponseSchema } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import { clientAddress } from '../../client-address.ts'
import type { AppDeps } from '../../deps.ts'

/** `POST /auth/register/`: an account for whoever asks, where the operator allows that. */
export function registerRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Register',
    description:
      'Makes an account and answers a token for it. Only where the operator opened registration. Where addresses have to be ' +
      'verified, a link is sent, and the token works once it was opened.',
    body: registerRequestSchema,
    response: {
      200: registerResponseSchema,
      ...errorResponses(
        'REGISTRATION_CLOSED',
        'EMAIL_TAKEN',
        'REQUEST_VALIDATION_ERROR',
        'TOO_MANY_ATTEMPTS',
        'SERVER_BUSY',
      ),
    },
  }
  app.post(ROUTES.register.path, { schema }, async (request) => {
    const { account, token } = await services.signIn.register(request.body, clientAddress(request))
    const message = services.accounts.mustVerify(account)
      ? `The account is made. Open the link in the message to ${account.email} before you use it.`
      : 'The account is made.'
    return { message, token }
  })
}
