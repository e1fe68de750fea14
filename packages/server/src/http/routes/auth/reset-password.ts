import {
  messageResponseSchema,
  PASSWORD_REQUIREMENTS,
  ROUTES,
  resetPasswordQuerySchema,
  resetPasswordRequestSchema,
} from '@posterior/contracts'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../../domain/app-error.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { escapeHtml, paragraph, sendPage, wantsPage } from '../../pages/page.ts'

const TITLE = 'Set a new password'

/** `GET /auth/reset_password?token=`: the page that the link opens. It uses nothing up: mail programs look at links. */
export function resetPasswordPageRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Page to set a new password',
    description: 'A form, as the link in the message opens it. The link still works afterwards.',
    querystring: resetPasswordQuerySchema,
    response: {
      200: { description: 'The page', content: { 'text/html': { schema: z.string() } } },
      ...errorResponses('LINK_NOT_VALID', 'REQUEST_VALIDATION_ERROR'),
    },
  }
  app.get(ROUTES.resetPasswordPage.path, { schema }, async (request, reply) => {
    try {
      await services.links.checkReset(request.query.token)
    } catch (error) {
      if (!(error instanceof AppError) || !wantsPage(request)) throw error
      return sendPage(reply, { status: error.status, title: TITLE, body: paragraph(error.message) }) as never
    }
    return sendForm(reply, request.query.token) as never
  })
}

/** `POST /auth/reset_password`: set the password; a form of a browser gets a page, a program JSON. */
export function resetPasswordRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Set a new password',
    description:
      'Takes the code of the link, once, as a form or as JSON. Logins of the account end; tokens made by hand go on.',
    consumes: ['application/json', 'application/x-www-form-urlencoded'],
    body: resetPasswordRequestSchema,
    response: {
      200: messageResponseSchema,
      ...errorResponses('LINK_NOT_VALID', 'REQUEST_VALIDATION_ERROR', 'SERVER_BUSY'),
    },
  }
  app.post(ROUTES.resetPassword.path, { schema }, async (request, reply) => {
    const { token, password, password_confirm: confirmation } = request.body
    const message = 'The password is set. Log in with it from now on.'
    if (!wantsPage(request)) {
      await services.links.reset(token, password, confirmation)
      return { message }
    }
    try {
      await services.links.reset(token, password, confirmation)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return sendForm(reply, token, error) as never
    }
    return sendPage(reply, { title: 'Done', body: paragraph(message) }) as never
  })
}

function sendForm(reply: FastifyReply, token: string, problem?: AppError): FastifyReply {
  const field = (name: string, label: string) =>
    `<label>${label}<input type="password" name="${name}" autocomplete="new-password" required maxlength="128"></label>`
  const body = [
    problem ? paragraph(problem.message, 'problem') : '',
    paragraph(`It needs: ${PASSWORD_REQUIREMENTS.join(', ')}.`),
    `<form method="post"><input type="hidden" name="token" value="${escapeHtml(token)}">`,
    field('password', 'New password'),
    field('password_confirm', 'Once more'),
    '<button>Set the password</button></form>',
  ]
  return sendPage(reply, { status: problem?.status ?? 200, title: TITLE, body: body.join('') })
}
