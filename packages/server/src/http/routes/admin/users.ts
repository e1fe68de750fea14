import {
  createdUserSchema,
  createUserRequestSchema,
  messageResponseSchema,
  ROUTES,
  resetLinkSchema,
  userIdSchema,
  userListSchema,
} from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { describeUser } from '../../present/tokens.ts'

const tags = ['admin']

/** `GET /admin/users`: every account. */
export function listUsersRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: 'List users',
    description: 'Every account of the server, oldest first.',
    response: { 200: userListSchema },
  }
  app.get(ROUTES.listUsers.path, { schema }, async () => ({
    users: (await services.userAdmin.list()).map(describeUser),
  }))
}

/** `POST /admin/users`: a new account with a token. */
export function createUserRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: 'Add a user',
    description:
      'A new account with a token, whose text is in this answer and never again. Its address counts as verified. For a ' +
      'password, make a reset link.',
    body: createUserRequestSchema,
    response: { 201: createdUserSchema, ...errorResponses('EMAIL_TAKEN', 'REQUEST_VALIDATION_ERROR') },
  }
  app.post(ROUTES.createUser.path, { schema }, async (request, reply) => {
    const { email, name, is_admin: isAdmin } = request.body
    const { account, token } = await services.userAdmin.add({ email, name, isAdmin })
    return reply.code(201).send({ ...describeUser(account), token })
  })
}

/** `DELETE /admin/users/{userId}`: the account with everything that it has. */
export function removeUserRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: 'Remove a user',
    description:
      'Deletes the account with its data sets, fitted models and tokens. The last administrator stays.',
    params: userIdSchema,
    response: {
      200: messageResponseSchema,
      ...errorResponses('NOT_FOUND', 'LAST_ADMIN', 'REQUEST_VALIDATION_ERROR'),
    },
  }
  app.delete(ROUTES.removeUser.path, { schema }, async (request) => {
    await services.userAdmin.remove(request.params.userId)
    return { message: 'The account and everything that it had are deleted.' }
  })
}

/** `POST /admin/users/{userId}/reset_password`: a link to pass on. */
export function createResetLinkRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: 'Make a link to set a password',
    description:
      'A link for the administrator to pass on. It works once; the password stays as it is until then.',
    params: userIdSchema,
    response: { 200: resetLinkSchema, ...errorResponses('NOT_FOUND', 'REQUEST_VALIDATION_ERROR') },
  }
  app.post(ROUTES.createResetLink.path, { schema }, async (request) => {
    const { url, expiresAt } = await services.userAdmin.makeResetLink(request.params.userId)
    return { reset_url: url, expires_at: new Date(expiresAt).toISOString() }
  })
}
