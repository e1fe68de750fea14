import { emailQuerySchema, messageResponseSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import { clientAddress } from '../../client-address.ts'
import type { AppDeps } from '../../deps.ts'

/** `POST /auth/send_reset_password_email/?email=`: answers the same whether or not there is such an account. */
export function sendResetPasswordEmailRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Ask for a new password',
    description:
      'Sends a link to set a new password, if there is an account with this e-mail address. The answer does not tell.',
    querystring: emailQuerySchema,
    response: {
      200: messageResponseSchema,
      ...errorResponses('REQUEST_VALIDATION_ERROR', 'TOO_MANY_ATTEMPTS'),
    },
  }
  app.post(ROUTES.sendResetPasswordEmail.path, { schema }, async (request) => {
    await services.links.sendReset(request.query.email, clientAddress(request))
    return { message: 'If there is an account with this address, a message with a link is on its way to it.' }
  })
}
