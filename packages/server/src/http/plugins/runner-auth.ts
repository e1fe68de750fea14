import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Runner } from '../../domain/ports/runners.ts'
import type { Runners } from '../../domain/studio/runners/runners.ts'
import { addErrors } from '../openapi/describe-routes.ts'

const runners = new WeakMap<FastifyRequest, Runner>()

/** Require the token of a runner on every route of this scope; tokens of accounts are refused. */
export function requireRunner(scope: FastifyInstance, known: Pick<Runners, 'authenticate'>): void {
  scope.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, security: [{ runner: [] }] }
    addErrors(route.schema, ['UNAUTHORIZED', 'EMAIL_NOT_VERIFIED'])
  })
  scope.addHook('onRequest', async (request) => {
    runners.set(request, await known.authenticate(request.headers.authorization))
  })
}

/** The runner that makes the request; only in a scope that requires one. */
export function runnerOf(request: FastifyRequest): Runner {
  const runner = runners.get(request)
  if (!runner) throw new Error(`route ${request.routeOptions.url} does not require a runner`)
  return runner
}
