import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Accounts, AuthenticateOptions } from '../../domain/accounts/accounts.ts'
import { AppError } from '../../domain/app-error.ts'
import type { Account } from '../../domain/ports/stores.ts'
import { addErrors } from '../openapi/describe-routes.ts'

const callers = new WeakMap<FastifyRequest, Account>()

/**
 * Require a bearer token on every route of this scope. Cookies are no credential anywhere, so that no page of another site
 * can make a browser act for its user.
 */
export function requireBearer(
  scope: FastifyInstance,
  accounts: Accounts,
  options: AuthenticateOptions = {},
): void {
  scope.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, security: [{ bearer: [] }] }
    addErrors(
      route.schema,
      options.allowUnverified ? ['UNAUTHORIZED'] : ['UNAUTHORIZED', 'EMAIL_NOT_VERIFIED'],
    )
  })
  scope.addHook('onRequest', async (request) => {
    callers.set(request, await accounts.authenticate(request.headers.authorization, options))
  })
}

/** Require an administrator's token on every route of this scope. */
export function requireAdmin(scope: FastifyInstance, accounts: Accounts): void {
  requireBearer(scope, accounts)
  scope.addHook('onRoute', (route) => {
    route.schema = { ...route.schema }
    addErrors(route.schema, ['FORBIDDEN'])
  })
  scope.addHook('onRequest', async (request) => {
    if (!callerOf(request).isAdmin) throw new AppError('FORBIDDEN')
  })
}

/** The account that makes the request; undefined when it was refused before its token was looked at. */
export function knownCaller(request: FastifyRequest): Account | undefined {
  return callers.get(request)
}

/** The account that makes the request; only in a scope that requires a token. */
export function callerOf(request: FastifyRequest): Account {
  const account = knownCaller(request)
  if (!account) throw new Error(`route ${request.routeOptions.url} does not require a token`)
  return account
}
