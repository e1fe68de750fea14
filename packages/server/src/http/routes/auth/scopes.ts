/** The account routes by who may call them: anybody, any account, verified accounts, administrators. */
import formbody from '@fastify/formbody'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { requireAdmin, requireBearer } from '../../plugins/auth.ts'
import { deleteUserAccountRoute } from '../account/delete-user-account.ts'
import { createUserTokenRoute, listUserTokensRoute, revokeUserTokenRoute } from '../admin/user-tokens.ts'
import { createResetLinkRoute, createUserRoute, listUsersRoute, removeUserRoute } from '../admin/users.ts'
import { loginRoute } from './login.ts'
import { passwordPolicyRoute } from './password-policy.ts'
import { registerRoute } from './register.ts'
import { resetPasswordPageRoute, resetPasswordRoute } from './reset-password.ts'
import { sendResetPasswordEmailRoute } from './send-reset-password-email.ts'
import { sendVerificationEmailRoute } from './send-verification-email.ts'
import { createTokenRoute, listTokensRoute, revokeTokenRoute } from './tokens.ts'
import { validateEmailRoute } from './validate-email.ts'
import { verifyEmailRoute } from './verify-email.ts'

/** Register the routes of accounts, tokens and users, each in its scope. */
export function authRoutes(app: Api, deps: AppDeps): void {
  const { accounts } = deps.services
  app.register(async (scope) => {
    const api = unstored(scope as Api)
    await api.register(formbody)
    passwordPolicyRoute(api)
    validateEmailRoute(api, deps)
    registerRoute(api, deps)
    loginRoute(api, deps)
    verifyEmailRoute(api, deps)
    sendResetPasswordEmailRoute(api, deps)
    resetPasswordPageRoute(api, deps)
    resetPasswordRoute(api, deps)
  })
  app.register(async (scope) => {
    const api = unstored(scope as Api)
    requireBearer(api, accounts, { allowUnverified: true })
    sendVerificationEmailRoute(api, deps)
    deleteUserAccountRoute(api, deps)
  })
  app.register(async (scope) => {
    const api = unstored(scope as Api)
    requireBearer(api, accounts)
    listTokensRoute(api, deps)
    createTokenRoute(api, deps)
    revokeTokenRoute(api, deps)
  })
  app.register(async (scope) => {
    const api = unstored(scope as Api)
    requireAdmin(api, accounts)
    listUsersRoute(api, deps)
    createUserRoute(api, deps)
    removeUserRoute(api, deps)
    createResetLinkRoute(api, deps)
    listUserTokensRoute(api, deps)
    createUserTokenRoute(api, deps)
    revokeUserTokenRoute(api, deps)
  })
}

/** What these routes answer is for the caller alone: no cache may keep it. */
function unstored(scope: Api): Api {
  scope.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  return scope
}
