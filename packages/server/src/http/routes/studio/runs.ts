import {
  createRunSchema,
  duplicateRunSchema,
  messageResponseSchema,
  moveRunSchema,
  projectIdSchema,
  ROUTES,
  runIdSchema,
  runListQuerySchema,
  runListSchema,
  runSchema,
} from '@posterior/contracts'
import type { RunAddress } from '../../../domain/studio/runs/runs.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeRun } from '../../present/run.ts'
import { runEventsRoute } from './run-events.ts'

const tags = ['studio']
const config = { meter: 'run' } as const
const FULL = ['TOO_MANY_RUNS', 'INSUFFICIENT_QUOTA', 'SERVER_BUSY'] as const
const ORDER_ERRORS = ['NOT_FOUND', 'ROLE_TOO_LOW', 'RUN_SLUG_TAKEN', 'STUDIO_LIMIT_REACHED', ...FULL] as const

const MOVE_ERRORS = [
  'NOT_FOUND',
  'ROLE_TOO_LOW',
  'RUN_NOT_WAITING',
  'TOO_MANY_RUNS',
  'INSUFFICIENT_QUOTA',
] as const

/** `/projects/{projectId}/runs`: training of brains. */
export function runRoutes(app: Api, deps: AppDeps): void {
  const { runs } = deps.services
  const listed = {
    tags,
    summary: 'List runs',
    description: 'The training runs of a project, all of them or a page.',
    params: projectIdSchema,
    querystring: runListQuerySchema,
    response: { 200: runListSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.listRuns.path, { schema: listed }, async (request) => {
    const found = await runs.list(callerOf(request).id, request.params.projectId, request.query)
    return { runs: found.runs.map(describeRun), total: found.total }
  })

  const created = {
    tags,
    summary: 'Train a brain',
    description:
      'Checks prior, model and hyperparameters and queues the run. Every hyperparameter that is given is honoured; what is ' +
      'unknown is refused by its name. A draft is checked as well, and waits until it is submitted.',
    params: projectIdSchema,
    body: createRunSchema,
    response: {
      201: runSchema,
      ...errorResponses(...ORDER_ERRORS),
    },
  }
  app.post(ROUTES.createRun.path, { schema: created, config }, async (request, reply) => {
    const run = await runs.create(callerOf(request).id, request.params.projectId, request.body)
    return reply.code(201).send(describeRun(run))
  })

  const copied = {
    tags,
    summary: 'Order a run again',
    description:
      'Another run of the same prior, model, evals and hyperparameters, but for what the body says.',
    params: runIdSchema,
    body: duplicateRunSchema,
    response: { 201: runSchema, ...errorResponses(...ORDER_ERRORS) },
  }
  app.post(ROUTES.duplicateRun.path, { schema: copied, config }, async (request, reply) => {
    const run = await runs.duplicate(callerOf(request).id, addressOf(request.params), request.body)
    return reply.code(201).send(describeRun(run))
  })

  const submitted = {
    tags,
    summary: 'Submit a draft',
    description: 'Queues a run that was kept as a draft.',
    params: runIdSchema,
    response: {
      200: runSchema,
      ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'RUN_NOT_DRAFT', 'STUDIO_LIMIT_REACHED', ...FULL),
    },
  }
  app.post(ROUTES.submitRun.path, { schema: submitted, config }, async (request) => {
    return describeRun(await runs.submit(callerOf(request).id, addressOf(request.params)))
  })

  const shown = {
    tags,
    summary: 'Show a run',
    description:
      'By id or slug. `skipped` is a run that went through its steps and learned nothing; it is not completed.',
    params: runIdSchema,
    response: { 200: runSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.getRun.path, { schema: shown }, async (request) => {
    return describeRun(await runs.get(callerOf(request).id, addressOf(request.params)))
  })

  const moved = {
    tags,
    summary: 'Move a waiting run',
    description:
      'Has a draft, or a run that waits, train elsewhere: on the server, or on a runner. It goes on from the state that was ' +
      'saved last, whoever trained it until then, and ends with the same weights. What `compute` leaves out stays. The run ' +
      'counts as one of the caller from now on. A run that trains cannot be moved; it waits again once its runner hands it ' +
      'back or is silent for 90 seconds.',
    params: runIdSchema,
    body: moveRunSchema,
    response: { 200: runSchema, ...errorResponses(...MOVE_ERRORS) },
  }
  app.patch(ROUTES.moveRun.path, { schema: moved }, async (request) => {
    const { id } = callerOf(request)
    return describeRun(await runs.move(id, addressOf(request.params), request.body.compute))
  })

  const cancelled = {
    tags,
    summary: 'Cancel a run',
    description:
      'Gives up a draft, takes a run out of the queue, or stops its training. A cancelled run cannot go on.',
    params: runIdSchema,
    response: { 200: runSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'RUN_OVER') },
  }
  app.post(ROUTES.cancelRun.path, { schema: cancelled }, async (request) => {
    return describeRun(await runs.cancel(callerOf(request).id, addressOf(request.params)))
  })

  const deleted = {
    tags,
    summary: 'Delete a run',
    description: 'Deletes the run with its events and its brain, for good. A run that trains is stopped.',
    params: runIdSchema,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW') },
  }
  app.delete(ROUTES.deleteRun.path, { schema: deleted }, async (request) => {
    await runs.remove(callerOf(request).id, addressOf(request.params))
    return { message: 'The run and its brain are deleted.' }
  })
  runEventsRoute(app, deps)
}

/** The run that a path names. */
export function addressOf({ projectId, runId }: { projectId: string; runId: string }): RunAddress {
  return { project: projectId, run: runId }
}
