import { messageResponseSchema, ROUTES, verifyEmailQuerySchema } from '@posterior/contracts'
import { AppError } from '../../../domain/app-error.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { paragraph, sendPage, wantsPage } from '../../pages/page.ts'

/** `GET /auth/verify_email/?token=`: what the link in the message opens, and what clients call with the code from it. */
export function verifyEmailRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Verify an address',
    description:
      'Takes the code that was sent to an e-mail address, once. A browser gets a page instead of JSON.',
    querystring: verifyEmailQuerySchema,
    response: { 200: messageResponseSchema, ...errorResponses('LINK_NOT_VALID', 'REQUEST_VALIDATION_ERROR') },
  }
  app.get(ROUTES.verifyEmail.path, { schema }, async (request, reply) => {
    const message = 'The e-mail address is verified.'
    if (!wantsPage(request)) {
      await services.links.verify(request.query.token)
      return { message }
    }
    try {
      await services.links.verify(request.query.token)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const { status } = error
      return sendPage(reply, { status, title: 'Not verified', body: paragraph(error.message) }) as never
    }
    const body = paragraph(`${message} You can close this page.`)
    return sendPage(reply, { title: 'Verified', body }) as never
  })
}
