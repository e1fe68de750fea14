import { emailQuerySchema, messageResponseSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import { clientAddress } from '../../client-address.ts'
import type { AppDeps } from '../../deps.ts'

/** `POST /auth/validate_email/?email=`: clients ask before they ask for a password. */
export function validateEmailRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Check an address before registering',
    description: 'Whether somebody could register with this e-mail address now.',
    querystring: emailQuerySchema,
    response: {
      200: messageResponseSchema,
      ...errorResponses(
        'REGISTRATION_CLOSED',
        'EMAIL_TAKEN',
        'REQUEST_VALIDATION_ERROR',
        'TOO_MANY_ATTEMPTS',
      ),
    },
  }
  app.post(ROUTES.validateEmail.path, { schema }, async (request) => {
    await services.signIn.checkEmail(request.query.email, clientAddress(request))
    return { message: 'The address can be used.' }
  })
}
