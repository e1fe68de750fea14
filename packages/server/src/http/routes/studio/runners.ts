import {
  createdRunnerSchema,
  createRunnerSchema,
  messageResponseSchema,
  ROUTES,
  runnerIdSchema,
  runnerListSchema,
} from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeRunner } from '../../present/runner.ts'

const tags = ['studio']

/** `/runners`: the machines of the account that may train for its projects. */
export function runnerRoutes(app: Api, { services }: AppDeps): void {
  const { runners } = services
  app.addHook('onSend', async (request, reply) => {
    if (request.routeOptions.url?.includes(ROUTES.listRunners.path)) reply.header('cache-control', 'no-store')
  })
  const listed = {
    tags,
    summary: 'List runners',
    description: 'The runners of the account: when they were seen last, and what they told of themselves.',
    response: { 200: runnerListSchema },
  }
  app.get(ROUTES.listRunners.path, { schema: listed }, async (request) => {
    return { runners: (await runners.list(callerOf(request).id)).map(describeRunner) }
  })

  const created = {
    tags,
    summary: 'Add a runner',
    description:
      'A token for another machine, which then trains runs ordered with `compute: {"target": "runner"}` in projects that the ' +
      'account may change. The token is in this answer and never again, and is good for nothing but this work.',
    body: createRunnerSchema,
    response: {
      201: createdRunnerSchema,
      ...errorResponses('REQUEST_VALIDATION_ERROR', 'RUNNER_NAME_TAKEN', 'STUDIO_LIMIT_REACHED'),
    },
  }
  app.post(ROUTES.createRunner.path, { schema: created }, async (request, reply) => {
    const { runner, token } = await runners.issue(callerOf(request).id, request.body.name)
    return reply.code(201).send({ ...describeRunner(runner), token })
  })

  const revoked = {
    tags,
    summary: 'Revoke a runner',
    description:
      'Its token stops working at once. What it trains goes back into the queue; what waits for it alone fails.',
    params: runnerIdSchema,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'REQUEST_VALIDATION_ERROR') },
  }
  app.delete(ROUTES.revokeRunner.path, { schema: revoked }, async (request) => {
    await runners.revoke(callerOf(request).id, request.params.runnerId)
    return { message: 'The runner is revoked.' }
  })
}
